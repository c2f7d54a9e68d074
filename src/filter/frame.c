#include "filter/frame.h"

#include <string.h>

#define FRAME_TTL 64
#define FRAME_WINDOW 0xffff
#define FRAME_SCALE 8 /* the window counts in 256 bytes: 16 MiB, so that it is never full */

#define FRAME_TCP_HEADER 20
#define FRAME_TCP_OPTIONS 8 /* the longest segment and the scale of the window, in a SYN */
#define FRAME_UDP_HEADER 8

static void frame_put16(unsigned char *place, uint32_t value)
{
	place[0] = (unsigned char)(value >> 8);
	place[1] = (unsigned char)value;
}

static void frame_put32(unsigned char *place, uint32_t value)
{
	frame_put16(place, value >> 16);
	frame_put16(place + 2, value & 0xffff);
}

/* Adds bytes to a sum of words of 16 bits in network order; all but the last piece have an even length. */
static uint64_t frame_sum(uint64_t sum, const void *data, size_t length)
{
	const unsigned char *p = data;
	uint32_t word;

	/* which half of a word of 32 bits a byte is in makes no difference, nor does the order of the machine */
	for (; length >= sizeof(word); p += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	word = 0;
	if (length > 0)
		memcpy(&word, p, length);
	return sum + word;
}

/* The checksum of a sum, as it stands in memory. */
static uint16_t frame_checksum(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Adds the addresses to a sum, and the words of the header that only checksums have. */
static uint64_t frame_sum_pseudo(const struct frame *frame, size_t length)
{
	const struct sockaddr_any *ends[] = { frame->from, frame->to };
	unsigned char words[8] = { 0 };
	uint64_t sum = 0;

	for (int i = 0; i < 2; i++) {
		if (ends[i]->any.sa_family == AF_INET)
			sum = frame_sum(sum, &ends[i]->ip4.sin_addr, sizeof(struct in_addr));
		else
			sum = frame_sum(sum, &ends[i]->ip6.sin6_addr, sizeof(struct in6_addr));
	}
	frame_put32(words, (uint32_t)length);
	words[7] = (unsigned char)frame->protocol;
	return frame_sum(sum, words, sizeof(words));
}

/* Makes the header of IP or IPv6 for so much behind it. Returns its length. */
static size_t frame_ip(const struct frame *frame, unsigned char *header, size_t length)
{
	uint16_t checksum;

	if (frame->from->any.sa_family == AF_INET6) {
		header[0] = 0x60;
		frame_put16(header + 4, (uint32_t)length);
		header[6] = (unsigned char)frame->protocol;
		header[7] = FRAME_TTL;
		memcpy(header + 8, &frame->from->ip6.sin6_addr, 16);
		memcpy(header + 24, &frame->to->ip6.sin6_addr, 16);
		return 40;
	}
	header[0] = 0x45;
	frame_put16(header + 2, (uint32_t)(20 + length));
	header[6] = 0x40; /* never cut in parts */
	header[8] = FRAME_TTL;
	header[9] = (unsigned char)frame->protocol;
	memcpy(header + 12, &frame->from->ip4.sin_addr, 4);
	memcpy(header + 16, &frame->to->ip4.sin_addr, 4);
	checksum = frame_checksum(frame_sum(0, header, 20));
	memcpy(header + 10, &checksum, sizeof(checksum));
	return 20;
}

/* Makes a header of TCP without its checksum. Returns its length. */
static size_t frame_tcp(const struct frame *frame, unsigned char *header)
{
	size_t length = FRAME_TCP_HEADER;

	frame_put16(header, (uint32_t)sockaddr_port(frame->from));
	frame_put16(header + 2, (uint32_t)sockaddr_port(frame->to));
	frame_put32(header + 4, frame->sequence);
	frame_put32(header + 8, frame->acknowledged);
	header[13] = (unsigned char)frame->flags;
	frame_put16(header + 14, FRAME_WINDOW);
	if (frame->flags & FRAME_SYN) {
		static const unsigned char options[FRAME_TCP_OPTIONS] = { 2, 4, FRAME_MOST >> 8,
			FRAME_MOST & 0xff, 1, 3, 3, FRAME_SCALE };

		memcpy(header + length, options, sizeof(options));
		length += sizeof(options);
	}
	header[12] = (unsigned char)(length / 4 << 4);
	return length;
}

/* Makes a header of UDP without its checksum. Returns its length. */
static size_t frame_udp(const struct frame *frame, unsigned char *header)
{
	frame_put16(header, (uint32_t)sockaddr_port(frame->from));
	frame_put16(header + 2, (uint32_t)sockaddr_port(frame->to));
	frame_put16(header + 4, (uint32_t)(FRAME_UDP_HEADER + frame->length));
	return FRAME_UDP_HEADER;
}

/* Adds a packet to a text. */
void frame_add(struct text *out, const struct frame *frame)
{
	unsigned char ip[40] = { 0 }, header[FRAME_TCP_HEADER + FRAME_TCP_OPTIONS] = { 0 };
	size_t length = 0, place = 0;
	uint64_t sum;
	uint16_t checksum;

	if (frame->protocol == IPPROTO_TCP && !frame->raw) {
		length = frame_tcp(frame, header);
		place = 16;
	} else if (frame->protocol == IPPROTO_UDP && !frame->raw) {
		length = frame_udp(frame, header);
		place = 6;
	}
	if (length > 0) {
		sum = frame_sum_pseudo(frame, length + frame->length);
		sum = frame_sum(sum, header, length);
		checksum = frame_checksum(frame_sum(sum, frame->data, frame->length));
		/* no checksum would be 0 in UDP */
		if (checksum == 0 && frame->protocol == IPPROTO_UDP)
			checksum = 0xffff;
		memcpy(header + place, &checksum, sizeof(checksum));
	}
	text_add(out, ip, frame_ip(frame, ip, length + frame->length));
	text_add(out, header, length);
	text_add(out, frame->data, frame->length);
}
