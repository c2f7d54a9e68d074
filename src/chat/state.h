/* What the parts of a talk share: show.c what is seen, speak.c what is said, hear.c what is heard, send.c files. */
#ifndef CHAT_STATE_H
#define CHAT_STATE_H

#include <regex.h>
#include <stdint.h>

#include "base/text.h"
#include "chat/editor.h"
#include "chat/library.h"
#include "chat/talk.h"
#include "io/stream.h"

struct talk {
	struct stream stream;
	struct talk_settings settings;
	struct editor *editor;
	const struct library *library;
	struct text typed; /* lines on their way out */
	size_t sent;	   /* so much of them is gone */
	struct text later; /* lines that were typed while a file is sent */
	struct text held;  /* lines that wait for our turn */
	struct text heard; /* a line of the other side that has no end yet */
	char *nick;
	bool started; /* we have the terminal */
	bool room;    /* the other side knows names itself */
	bool colors;
	bool hiding; /* what is typed isn't shown, and not kept */
	bool our_turn;
	bool ends, leaves;
	bool gone;	    /* the terminal is, and with it whoever sat there */
	bool told_end;	    /* the reader knows that we have ended */
	int64_t patience;   /* when to say that nobody has begun */
	int64_t unfinished; /* when to show a line without end though it isn't the prompt */
	int64_t farewell;   /* until when the last words may take */
	int history, transcript;
	regex_t no_echo;
	bool has_no_echo;
	int file; /* that is being sent, -1: none */
	char *file_name;
	uint64_t file_size, file_done;
};

void show_stamp(struct text *out);
void show_line(struct talk *talk, const char *line, size_t length, bool bell);
void show_say(struct talk *talk, const char *format, ...) __attribute__((format(printf, 2, 3)));
void show_prompt(struct talk *talk);

void speak_queue(struct talk *talk, const char *line);
void speak_line(void *context, const char *line);
void speak_interrupt(void *context);
char *speak_complete(const char *word, int state);
bool speak_names_file(const char *line, int start);
void speak_held(struct talk *talk);
void speak_nobody_began(struct talk *talk);

void send_start(struct talk *talk, const char *name);
ssize_t send_read(struct talk *talk, void *data, size_t size);
void send_stop(struct talk *talk);

void hear_bytes(struct talk *talk, const char *data, size_t size);
void hear_unfinished(struct talk *talk);
void hear_end(struct talk *talk);

#endif
