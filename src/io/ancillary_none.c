#include "io/ancillary.h"

/* There is no more. */
void ancillary_read_more(int level, int type, const void *data, size_t length,
	struct exports *exports)
{
	(void)level;
	(void)type;
	(void)data;
	(void)length;
	(void)exports;
}
