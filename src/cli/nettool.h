/* The face called nettool: its command line, read from one table that is also its help. */
#ifndef CLI_NETTOOL_H
#define CLI_NETTOOL_H

int nettool_main(int argc, char **argv);

#endif
