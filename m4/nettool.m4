dnl nettool.m4 -- the few macros that configure.ac would otherwise repeat.

dnl NT_TRY_FLAGS(cflags, ldflags, if-ok, if-not)
dnl Does a program compile and link with these flags?  -Werror turns clang's "unknown warning
dnl option" and gcc's "ignored" into a plain no.
AC_DEFUN([NT_TRY_FLAGS], [
	nt_saved_CFLAGS=$CFLAGS nt_saved_LDFLAGS=$LDFLAGS
	CFLAGS="$CFLAGS -Werror $1"
	LDFLAGS="$LDFLAGS $2"
	AC_LINK_IFELSE([AC_LANG_SOURCE([[int main(void) { return 0; }]])],
		[nt_flags_ok=yes], [nt_flags_ok=no])
	CFLAGS=$nt_saved_CFLAGS LDFLAGS=$nt_saved_LDFLAGS
	AS_IF([test $nt_flags_ok = yes], [$3], [$4])
])

dnl NT_ADD_CFLAG(flag): use the flag where the compiler knows it.
AC_DEFUN([NT_ADD_CFLAG], [
	AC_MSG_CHECKING([whether $CC knows $1])
	NT_TRY_FLAGS([$1], [], [NT_CFLAGS="$NT_CFLAGS $1"])
	AC_MSG_RESULT([$nt_flags_ok])
])

dnl NT_ADD_LDFLAG(flag): the same for the linker.
AC_DEFUN([NT_ADD_LDFLAG], [
	AC_MSG_CHECKING([whether the linker knows $1])
	NT_TRY_FLAGS([], [$1], [NT_LDFLAGS="$NT_LDFLAGS $1"])
	AC_MSG_RESULT([$nt_flags_ok])
])

dnl NT_REQUIRE_FLAGS(cflags, ldflags, complaint): the user asked for these by name.
AC_DEFUN([NT_REQUIRE_FLAGS], [
	AC_MSG_CHECKING([whether $CC can build with $2])
	NT_TRY_FLAGS([$1], [$2],
		[NT_CFLAGS="$NT_CFLAGS $1"; NT_LDFLAGS="$NT_LDFLAGS $2"; AC_MSG_RESULT([yes])],
		[AC_MSG_RESULT([no]); AC_MSG_ERROR([$3])])
])

dnl NT_FORTIFY: checked string functions, when optimising and unless the compiler or the user
dnl already fortifies (some distributions choose a higher level; lowering it would be rude).
AC_DEFUN([NT_FORTIFY], [
	AC_MSG_CHECKING([whether to define _FORTIFY_SOURCE])
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
		#if !defined __OPTIMIZE__ || defined _FORTIFY_SOURCE
		#error no
		#endif
	]])], [nt_fortify=yes; NT_CPPFLAGS="$NT_CPPFLAGS -D_FORTIFY_SOURCE=2"], [nt_fortify=no])
	AC_MSG_RESULT([$nt_fortify])
])

dnl NT_SEARCH_LIBS(function, libraries): like AC_SEARCH_LIBS, but collects in NT_LIBS, so that the
dnl unit tests and the program link the same list and LIBS stays the user's.
AC_DEFUN([NT_SEARCH_LIBS], [
	nt_search_LIBS=$LIBS
	AC_SEARCH_LIBS([$1], [$2],
		[AS_CASE([$ac_cv_search_$1], [-l*], [NT_LIBS="$ac_cv_search_$1 $NT_LIBS"])])
	LIBS=$nt_search_LIBS
])

dnl NT_CHOOSE(name, CONDITIONAL, shell test): nt_name=yes or no, and a conditional that chooses
dnl source files.
AC_DEFUN([NT_CHOOSE], [
	AS_IF([$3], [nt_$1=yes], [nt_$1=no])
	AM_CONDITIONAL([$2], [test $nt_$1 = yes])
])

dnl NT_OPTIONAL_LIB(name, PREFIX, pkg-config module, header, libs, function, wish)
dnl Asks pkg-config first and then simply tries header and library, because neither a machine
dnl without pkg-config nor a package without a .pc file should cost the feature.  The wish is
dnl auto, yes or no; only a loud yes makes a missing library an error.
AC_DEFUN([NT_OPTIONAL_LIB], [
	AC_ARG_VAR([$2_CFLAGS], [C compiler flags for $1, instead of asking pkg-config])
	AC_ARG_VAR([$2_LIBS], [linker flags for $1, instead of asking pkg-config])
	nt_$1=no
	AS_IF([test "x$7" != xno], [
		AS_IF([test -z "$$2_LIBS" && test -n "$PKG_CONFIG" && $PKG_CONFIG --exists "$3" 2>/dev/null], [
			$2_CFLAGS=`$PKG_CONFIG --cflags "$3"`
			$2_LIBS=`$PKG_CONFIG --libs "$3"`
		])
		AS_IF([test -z "$$2_LIBS"], [$2_LIBS="$5"])
		AC_MSG_CHECKING([for $1])
		nt_saved_CPPFLAGS=$CPPFLAGS nt_saved_LIBS=$LIBS
		CPPFLAGS="$CPPFLAGS $$2_CFLAGS"
		LIBS="$$2_LIBS $LIBS"
		dnl The header must be there to compile; the function must be there to link.
		AC_PREPROC_IFELSE([AC_LANG_SOURCE([[
			#include <stdarg.h>
			#include <stddef.h>
			#include <stdint.h>
			#include <stdio.h>
			#include <setjmp.h>
			#include <$4>
		]])], [AC_LINK_IFELSE([AC_LANG_CALL([], [$6])], [nt_$1=yes])])
		CPPFLAGS=$nt_saved_CPPFLAGS LIBS=$nt_saved_LIBS
		AC_MSG_RESULT([$nt_$1])
	])
	AS_IF([test $nt_$1 = no], [
		$2_CFLAGS= $2_LIBS=
		AS_IF([test "x$7" = xyes], [AC_MSG_ERROR([$1 was asked for and not found])])
	])
])

dnl NT_NLS: gettext() from libc or libintl.  Sets nt_nls and adds to NT_LIBS.
AC_DEFUN([NT_NLS], [
	nt_nls=no
	AS_IF([test "x$enable_nls" != xno], [
		AC_CACHE_CHECK([which library has gettext], [nt_cv_lib_gettext], [
			nt_cv_lib_gettext=no
			nt_saved_LIBS=$LIBS
			for lib in '' -lintl; do
				LIBS="$lib $nt_saved_LIBS"
				AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <libintl.h>]], [[
					return !*gettext("") + !bindtextdomain("", "") +
					       !*ngettext("", "", 1);
				]])], [nt_cv_lib_gettext=${lib:-libc}; break])
			done
			LIBS=$nt_saved_LIBS
		])
		AS_IF([test "$nt_cv_lib_gettext" != no], [nt_nls=yes])
		AS_CASE([$nt_cv_lib_gettext], [-l*], [NT_LIBS="$nt_cv_lib_gettext $NT_LIBS"])
		AS_IF([test $nt_nls = no && test "x$enable_nls" = xyes],
			[AC_MSG_ERROR([translations were asked for and no gettext() was found])])
	])
])

dnl NT_PYTHON_FOR_TESTS: a python that can import pytest; failing that any python3, which still
dnl runs the other rings.  The python3 in front of PATH may be a private build without the
dnl distribution's modules, so one hit is not enough.  .venv is bootstrap's last resort.
AC_DEFUN([NT_PYTHON_FOR_TESTS], [
	AC_ARG_VAR([PYTHON], [python that runs the tests, best one that has pytest])
	AC_MSG_CHECKING([for a python with pytest])
	nt_pytest=no nt_any_python=
	dnl Absolute, because the tests run in other directories.
	nt_venv=`cd "$srcdir" && pwd`/.venv/bin/python3
	for candidate in $PYTHON "$nt_venv" python3 /usr/bin/python3 /usr/local/bin/python3 \
		/opt/homebrew/bin/python3 python3.13 python3.12 python3.11 python3.10 python; do
		AS_CASE([$candidate], [*/*], [], [candidate=`command -v $candidate 2>/dev/null`])
		AS_IF([test -z "$candidate" || test ! -x "$candidate"], [continue])
		AS_IF(["$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1],
			[], [continue])
		AS_IF([test -z "$nt_any_python"], [nt_any_python=$candidate])
		AS_IF(["$candidate" -B -c 'import pytest' >/dev/null 2>&1], [nt_pytest=yes; break])
	done
	AS_IF([test $nt_pytest = yes], [PYTHON=$candidate], [PYTHON=$nt_any_python])
	AS_IF([test $nt_pytest = yes], [AC_MSG_RESULT([$PYTHON])],
		[AC_MSG_RESULT([no (python: ${PYTHON:-none})])])
])

dnl NT_VALGRIND_READS: clang writes debug information that valgrind before 3.20 cannot load; it then
dnl dies before main(). DWARF 4 is read by all of them. Sanitized builds never run under valgrind.
AC_DEFUN([NT_VALGRIND_READS], [
	AS_IF([test -n "$VALGRIND" && test "x$enable_asan$enable_fuzzing" = xnono], [
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
			#ifndef __clang__
			#error no
			#endif
		]])], [AS_CASE([" $CFLAGS "], [*" -g "*], [NT_ADD_CFLAG([-gdwarf-4])])])
	])
])
