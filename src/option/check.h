/* Values with a form of their own: judged before anything is opened, taken apart when needed. */
#ifndef OPTION_CHECK_H
#define OPTION_CHECK_H

#include <netinet/in.h>

int check_family(const char *value, char **reason);
int check_hosts(const char *value, char **reason);
int check_hub(const char *value, char **reason);
int check_hub_slow(const char *value, char **reason);
int check_name_server(const char *value, char **reason);
int check_children(const char *value, char **reason);
int check_program(const char *value, char **reason);
int check_range(const char *value, char **reason);
int check_temporary(const char *value, char **reason);
int check_turns(const char *value, char **reason);
int check_alpn(const char *value, char **reason);
int check_tls_compress(const char *value, char **reason);
int check_tls_fragment(const char *value, char **reason);
int check_tls_version(const char *value, char **reason);
int check_user(const char *value, char **reason);

int check_family_parse(const char *value, int *family, char **reason);
int check_tls_version_parse(const char *value, int *number, char **reason);
int check_name_server_parse(const char *value, struct sockaddr_in *address, char **reason);

#endif
