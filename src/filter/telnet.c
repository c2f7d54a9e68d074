/*
 * The option telnet: what a telnet peer proposes is taken out of the data and refused (RFC 854), other commands are
 * taken out and left alone. A sequence may come in any number of pieces.
 */
#include "filter/telnet.h"

#include <stdlib.h>

#include "base/memory.h"

enum telnet_byte {
	TELNET_SE = 240, /* the end of a subnegotiation */
	TELNET_SB = 250,
	TELNET_WILL = 251,
	TELNET_WONT = 252,
	TELNET_DO = 253,
	TELNET_DONT = 254,
	TELNET_IAC = 255,
};

enum telnet_state {
	TELNET_DATA,
	TELNET_COMMAND, /* behind IAC */
	TELNET_OPTION,	/* behind IAC DO and its kin */
	TELNET_SUB,	/* in a subnegotiation */
	TELNET_SUB_COMMAND,
};

struct telnet {
	struct filter base;
	enum telnet_state state;
	unsigned char verb; /* the command whose option comes next */
	struct text answer; /* what the peer is to be told */
};

/* Refuses what the peer proposes; what it withdraws or forbids needs no answer. */
static void telnet_refuse(struct telnet *telnet, unsigned char option)
{
	unsigned char answer[] = { TELNET_IAC, 0, option };

	if (telnet->verb == TELNET_DO)
		answer[1] = TELNET_WONT;
	else if (telnet->verb == TELNET_WILL)
		answer[1] = TELNET_DONT;
	else
		return;
	text_add(&telnet->answer, answer, sizeof(answer));
}

/* Takes the byte behind IAC. Returns whether it is data. */
static bool telnet_command(struct telnet *telnet, unsigned char byte)
{
	telnet->verb = byte;
	switch (byte) {
	case TELNET_WILL:
	case TELNET_WONT:
	case TELNET_DO:
	case TELNET_DONT:
		telnet->state = TELNET_OPTION;
		return false;
	case TELNET_SB:
		telnet->state = TELNET_SUB;
		return false;
	default:
		telnet->state = TELNET_DATA;
		return byte == TELNET_IAC;
	}
}

/* Takes one byte. Returns whether it is data. */
static bool telnet_take(struct telnet *telnet, unsigned char byte)
{
	switch (telnet->state) {
	case TELNET_DATA:
		if (byte != TELNET_IAC)
			return true;
		telnet->state = TELNET_COMMAND;
		return false;
	case TELNET_COMMAND:
		return telnet_command(telnet, byte);
	case TELNET_OPTION:
		telnet_refuse(telnet, byte);
		telnet->state = TELNET_DATA;
		return false;
	case TELNET_SUB:
		if (byte == TELNET_IAC)
			telnet->state = TELNET_SUB_COMMAND;
		return false;
	case TELNET_SUB_COMMAND:
		telnet->state = byte == TELNET_SE ? TELNET_DATA : TELNET_SUB;
		return false;
	}
	return true;
}

static bool telnet_pass(struct filter *filter, struct text *block)
{
	struct telnet *telnet = (struct telnet *)filter;
	size_t kept = 0;

	for (size_t i = 0; i < block->length; i++) {
		if (telnet_take(telnet, (unsigned char)block->data[i]))
			block->data[kept++] = block->data[i];
	}
	block->length = kept;
	return false;
}

static void telnet_answer(struct filter *filter, struct text *answer)
{
	struct telnet *telnet = (struct telnet *)filter;

	if (telnet->answer.length > 0)
		text_add(answer, telnet->answer.data, telnet->answer.length);
	text_clear(&telnet->answer);
}

static void telnet_free(struct filter *filter)
{
	text_free(&((struct telnet *)filter)->answer);
	free(filter);
}

/* The filter for data that comes from a telnet peer. Owned by the caller. */
struct filter *telnet_reading(void)
{
	static const struct filter_ops ops = {
		.pass = telnet_pass,
		.answer = telnet_answer,
		.free = telnet_free,
	};
	struct telnet *telnet = memory_zero(1, sizeof(*telnet));

	telnet->base.ops = &ops;
	return &telnet->base;
}
