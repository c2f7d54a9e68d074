/* Under which name the program is called: nettool, socat, or one of the netcats. */
#ifndef FACE_FACE_H
#define FACE_FACE_H

int face_main(int argc, char **argv);

#endif
