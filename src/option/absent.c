/*
 * The words of options whose part of the program is not built in. They are known so that a
 * message can say so instead of calling them unknown. Sorted, for a binary search.
 */
#include <stdlib.h>

#include "base/text.h"
#include "option/option.h"

static const char *const absent_names[] = {
	"allmulti", "automedia", "b0", "b1000000", "b110", "b115200", "b1152000", "b1200",
	"b134", "b150", "b1500000", "b1800", "b19200", "b200", "b2000000", "b230400", "b2400",
	"b2500000", "b300", "b3000000", "b3500000", "b3600", "b38400", "b4000000", "b460800",
	"b4800", "b50", "b500000", "b57600", "b576000", "b600", "b7200", "b75", "b900",
	"b921600", "b9600", "brkint", "bs0", "bs1", "bsdly", "cafile", "capath", "ccid", "cert",
	"certificate", "cfmakeraw", "cipher", "cipherlist", "ciphers", "clocal", "cn",
	"commonname", "compress", "cr0", "cr1", "cr2", "cr3", "crdly", "cread", "crterase",
	"crtkill", "crtscts", "cs5", "cs6", "cs7", "cs8", "csize", "cstopb", "ctlecho", "ctty",
	"dccp-set-ccid", "dh", "dhparam", "dhparams", "discard", "dsusp", "echo", "echoctl",
	"echoe", "echok", "echoke", "echonl", "echoprt", "egd", "eof", "eol", "eol2", "erase",
	"ff0", "ff1", "ffdly", "fips", "flusho", "history", "history-file", "http-version",
	"hup", "hupcl", "icanon", "icrnl", "iexten", "if-mtu", "iff-allmulti", "iff-automedia",
	"iff-broadcast", "iff-debug", "iff-dynamic", "iff-loopback", "iff-master",
	"iff-multicast", "iff-no-pi", "iff-noarp", "iff-notrailers", "iff-pointopoint",
	"iff-portsel", "iff-promisc", "iff-running", "iff-slave", "iff-up", "ignbrk", "igncr",
	"ignorecr", "ignpar", "imaxbel", "inlcr", "inpck", "interface-mtu", "intr", "isig",
	"ispeed", "istrip", "iuclc", "ixany", "ixoff", "ixon", "key", "kill", "lnext",
	"loopback", "master", "max-proto-version", "max-version", "maxfraglen", "maxsendfrag",
	"method", "min", "min-proto-version", "min-version", "mq-flush", "mq-maxmsg",
	"mq-msgsize", "mq-prio", "multicast", "nl0", "nl1", "nldly", "no-pi", "no-sni", "noarp",
	"noecho", "noflsh", "noprompt", "nosni", "notrailers", "ocrnl", "ofdel", "ofill",
	"olcuc", "onlcr", "onlret", "onocr", "openssl-cafile", "openssl-capath",
	"openssl-certificate", "openssl-cipherlist", "openssl-commonname", "openssl-compress",
	"openssl-dhparam", "openssl-dhparams", "openssl-egd", "openssl-fips", "openssl-key",
	"openssl-max-proto-version", "openssl-maxfraglen", "openssl-maxsendfrag",
	"openssl-method", "openssl-min-proto-version", "openssl-no-sni", "openssl-pseudo",
	"openssl-snihost", "openssl-verify", "opost", "ospeed", "parenb", "parmrk", "parodd",
	"pendin", "pointopoint", "portsel", "posixmq-flush", "posixmq-maxmsg",
	"posixmq-msgsize", "posixmq-priority", "promisc", "prompt", "proxy-auth",
	"proxy-authorization", "proxy-authorization-file", "proxy-resolve", "proxyauth",
	"proxyauthfile", "proxyport", "prterase", "pseudo", "quit", "raw", "rawer", "reprint",
	"resolv", "resolve", "retrieve-vlan", "rprnt", "running", "sane", "sctp-maxseg",
	"sctp-maxseg-late", "sctp-nodelay", "setflags", "slave", "snihost", "sockspass",
	"socksport", "socksuser", "start", "stop", "susp", "swtc", "swtch", "tab0", "tab1",
	"tab2", "tab3", "tabdly", "tandem", "termios-cfmakeraw", "termios-rawer",
	"termios-setflags", "time", "tiocsctty", "tiocswinsz", "tostop", "tun-device",
	"tun-name", "tun-no-pi", "tun-type", "udplite-recv-cscov", "udplite-send-cscov", "up",
	"vdiscard", "vdsusp", "veof", "veol", "veol2", "verase", "verify", "vintr", "vkill",
	"vlnext", "vmin", "vquit", "vreprint", "vstart", "vstop", "vsusp", "vswtc", "vt0",
	"vt1", "vtdly", "vtime", "vwerase", "werase", "winsz", "xcase", "xtabs",
};

/* Compares the word that bsearch looks for with an element. */
static int absent_compare(const void *name, const void *element)
{
	return text_compare_words(name, *(const char *const *)element);
}

/*
 * Whether a name that no table knows is that of an option which this program was built without.
 */
bool option_is_absent(const char *name)
{
	return bsearch(name, absent_names, sizeof(absent_names) / sizeof(absent_names[0]),
		sizeof(absent_names[0]), absent_compare) != NULL;
}
