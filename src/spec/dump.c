#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "spec/spec.h"

/* Appends a word so that the lexer reads the same bytes again. */
static void spec_dump_word(const struct spec_word *word, const char *special, struct text *out)
{
	static const char codes[] = "\nn\tt\rr\ff\bb\aa\vv";

	for (size_t i = 0; i < word->length; i++) {
		char c = word->data[i];
		const char *code = c != '\0' ? strchr(codes, c) : NULL;

		if (c == '\0') {
			text_add_string(out, "\\0");
		} else if (code != NULL && c < ' ') {
			text_add_char(out, '\\');
			text_add_char(out, code[1]);
		} else {
			if (strchr("\\\"'()[]{},!", c) != NULL || strchr(special, c) != NULL)
				text_add_char(out, '\\');
			text_add_char(out, c);
		}
	}
}

/* Appends the canonical text of a spec: upper-case keyword, backslashes for everything special. */
void spec_dump(const struct spec *spec, struct text *out)
{
	struct spec_word keyword = spec->keyword;
	char *upper = text_upper(keyword.data);

	keyword.data = upper;
	spec_dump_word(&keyword, ":", out);
	for (size_t i = 0; i < spec->param_count; i++) {
		text_add_char(out, ':');
		spec_dump_word(&spec->params[i], ":", out);
	}
	for (size_t i = 0; i < spec->option_count; i++) {
		const struct spec_option *option = &spec->options[i];

		text_add_char(out, ',');
		spec_dump_word(&option->name, "=", out);
		if (option->value.data != NULL) {
			text_add_char(out, '=');
			spec_dump_word(&option->value, "", out);
		}
	}
	if (spec->writer != NULL) {
		text_add_string(out, "!!");
		spec_dump(spec->writer, out);
	}
	free(upper);
}
