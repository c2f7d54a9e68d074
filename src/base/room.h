/*
 * What a room says to its members. It goes over the network to people in all languages, and CHAT reads it: so it is
 * never translated. Every such line begins with a star, which no name can.
 */
#ifndef BASE_ROOM_H
#define BASE_ROOM_H

#define ROOM_GREETING "* you are %s; /nick NAME gives you another name, /who says who is here"
#define ROOM_JOINED "* %s joined"
#define ROOM_HERE "* here: %s"
#define ROOM_RENAMED "* %s is now %s"
#define ROOM_YOU_RENAMED "* you are now %s"
#define ROOM_TAKEN "* the name %s is taken"
#define ROOM_LEFT "* %s left"
#define ROOM_LEFT_SLOW "* %s left: too slow"
#define ROOM_CLOSES "* this room closes"

#endif
