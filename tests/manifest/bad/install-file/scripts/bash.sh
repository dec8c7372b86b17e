#!/bin/bash
#!/bin/sh
tar -xzf nginx.tar.gz
