#include "option/settings.h"

#include "base/number.h"

#define BLOCK(name, ...) \
	static const struct name##_settings name##_defaults = { __VA_ARGS__ }; \
	const struct settings_block name##_block = { sizeof(name##_defaults), &name##_defaults }

BLOCK(transfer, .read_bytes = -1, .escape = -1, .null_eof = -1);
BLOCK(weather, .seed = -1);
BLOCK(process, .umask = -1, .setgid_early = -1, .setgid = -1, .setuid_early = -1, .setuid = -1);
BLOCK(name, .unlink_close = -1, .mode = -1, .mode_early = -1, .mode_late = -1, .user = -1,
	.user_early = -1, .user_late = -1, .group = -1, .group_early = -1, .group_late = -1);
BLOCK(socket, .type = -1, .protocol = -1, .reuse_address = -1, .connect_timeout = -1);
BLOCK(ip, .source_port = -1, .address_config = -1, .passive = -1, .v4_mapped = -1, .all = -1,
	.resolver_retrans = -1, .resolver_retry = -1);
BLOCK(unix, .tight_length = true);
BLOCK(listen, .backlog = 4096, .accept_timeout = -1);
BLOCK(range, .range = NULL);
BLOCK(child, .fork = false);
BLOCK(hub, .queue = 1 << 20);
BLOCK(retry, .interval = SECOND);
BLOCK(program, .input = -1, .output = -1, .process_group = -1);
BLOCK(chat, .color = -1);
BLOCK(tls, .verify = true, .handshake_timeout = 60 * SECOND);
BLOCK(pty, .interval = SECOND / 10, .follow = -1);
