/* The faces called nc, netcat and ncat: their command lines are translated into nettool's. */
#ifndef FACE_NETCAT_H
#define FACE_NETCAT_H

int netcat_main(int argc, char **argv, const char *name);

#endif
