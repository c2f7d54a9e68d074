#!/bin/sh
# examples/gateway.sh: an ssh server for exercises, port 2222 of this machine; keys and ssh.conf lie in ./gate
mkdir -p gate && cd gate || exit
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
for key in server client; do
	[ -f $key ] || ssh-keygen -q -t ed25519 -N '' -f $key
done
cat >ssh.conf <<END
Host gateway
	HostName 127.0.0.1
	Port 2222
	IdentityFile $PWD/client
	UserKnownHostsFile /dev/null
	StrictHostKeyChecking no
	LogLevel ERROR
END
echo 'the gateway is open; Ctrl-C closes it'
exec /usr/sbin/sshd -D -f /dev/null -p 2222 -h "$PWD/server" -o ListenAddress=127.0.0.1 \
	-o PidFile=none -o StrictModes=no -o AuthorizedKeysFile="$PWD/client.pub"
