#!/bin/sh -e
#!/bin/sh
tar -xzf nginx.tar.gz
