/* What the tutorial teaches: data, played by the stage. */
#ifndef TUTORIAL_LESSON_H
#define TUTORIAL_LESSON_H

/* The port that all texts name. If it is taken, the stage puts a free one in its place. */
#define LESSON_PORT "9090"
#define LESSON_PORT_NUMBER 9090

enum act_kind {
	ACT_NONE,   /* behind the last */
	ACT_SAY,    /* the text is told */
	ACT_LISTEN, /* who runs the text as a command, and is ready before the next act */
	ACT_RUN,    /* who runs the text as a command */
	ACT_TYPE,   /* who types the text and Enter */
	ACT_CLOSE,  /* who presses Ctrl-D: that was all he had to say */
	ACT_HEAR,   /* the text appears on the screen of who */
	ACT_COUNT,  /* of how many processes who consists now */
	ACT_STATUS, /* who ends by himself, and with which status */
};

struct act {
	enum act_kind kind;
	const char *who; /* N_(), or a name */
	const char *text;
};

/* At most so many acts and answers. */
#define LESSON_ACTS 16
#define LESSON_CHOICES 3

struct lesson {
	int chapter;
	const char *title;
	struct act acts[LESSON_ACTS];
	const char *question;
	const char *choices[LESSON_CHOICES];
	int right;	     /* which of them */
	const char *because; /* why it is */
};

extern const struct lesson lessons[];
extern const int lesson_count;

#endif
