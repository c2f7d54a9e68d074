#include <malloc.h>

#include "base/memory.h"

#define MEMORY_LARGE (128 * 1024) /* the least that is given back at once */

/*
 * Has large blocks given back to the system as soon as they are freed. Otherwise malloc learns that large blocks are
 * wanted and keeps them, and whoever serves many for long has at the end all that he ever needed at once.
 */
void memory_give_back(void)
{
	mallopt(M_MMAP_THRESHOLD, MEMORY_LARGE);
	mallopt(M_TRIM_THRESHOLD, MEMORY_LARGE);
}
