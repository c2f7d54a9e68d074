#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/lockfile.h"

static char folder[] = "/tmp/test_lockfile.XXXXXX";
static char *path;

static int group_setup(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	path = memory_print("%s/lock", folder);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	free(path);
	return rmdir(folder);
}

static size_t entries(void)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void test_take_and_release(void **state)
{
	struct lockfile lock = { 0 };
	struct error error = ERROR_EMPTY;
	struct stat status;
	FILE *file;
	long pid = 0;

	(void)state;
	assert_int_equal(lockfile_take(&lock, path, false, &error), 0);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &pid), 1);
	fclose(file);
	assert_int_equal(pid, getpid());
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_nlink, 1);
	assert_int_equal(entries(), 1);
	lockfile_release(&lock);
	assert_int_equal(entries(), 0);
	lockfile_release(&lock);
}

static void test_taken(void **state)
{
	struct lockfile lock = { 0 }, second = { 0 };
	struct error error = ERROR_EMPTY;

	(void)state;
	assert_int_equal(lockfile_take(&lock, path, false, &error), 0);
	assert_int_equal(lockfile_take(&second, path, false, &error), -1);
	assert_int_equal(error.kind, ERROR_FAILED);
	assert_non_null(strstr(error.message, "could not obtain lock"));
	error_clear(&error);
	/* a lock that was not obtained is not released, and leaves no draft */
	lockfile_release(&second);
	assert_int_equal(entries(), 1);
	lockfile_release(&lock);
	assert_int_equal(entries(), 0);
}

static void test_no_folder(void **state)
{
	struct lockfile lock = { 0 };
	struct error error = ERROR_EMPTY;
	char *wrong = memory_print("%s/none/lock", folder);

	(void)state;
	assert_int_equal(lockfile_take(&lock, wrong, true, &error), -1);
	assert_int_equal(error.number, ENOENT);
	assert_null(lock.path);
	error_clear(&error);
	free(wrong);
}

/* A child that ends doesn't take its parent's lock away. */
static void test_fork(void **state)
{
	struct lockfile lock = { 0 };
	struct error error = ERROR_EMPTY;
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(lockfile_take(&lock, path, false, &error), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		lockfile_release(&lock);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	assert_int_equal(status, 0);
	assert_int_equal(entries(), 1);
	lockfile_release(&lock);
	assert_int_equal(entries(), 0);
}

/* A lock that points elsewhere is a lock; nothing is written there. */
static void test_symbolic_link(void **state)
{
	struct lockfile lock = { 0 };
	struct error error = ERROR_EMPTY;

	(void)state;
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(lockfile_take(&lock, path, false, &error), -1);
	error_clear(&error);
	assert_int_equal(entries(), 1);
	assert_int_equal(unlink(path), 0);
}

/* Who waits gets the lock once it is free. */
static void test_wait(void **state)
{
	struct lockfile lock = { 0 };
	struct error error = ERROR_EMPTY;
	int ends[2], status;
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(lockfile_take(&lock, path, false, &error), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct lockfile mine = { 0 };

		alarm(60);
		if (lockfile_take(&mine, path, false, &error) == 0 || write(ends[1], "x", 1) != 1 ||
			lockfile_take(&mine, path, true, &error) < 0)
			_exit(1);
		lockfile_release(&mine);
		_exit(0);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	lockfile_release(&lock);
	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	assert_int_equal(status, 0);
	assert_int_equal(entries(), 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take_and_release),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_no_folder),
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_symbolic_link),
		cmocka_unit_test(test_wait),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
