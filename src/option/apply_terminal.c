#include "option/table.h"
