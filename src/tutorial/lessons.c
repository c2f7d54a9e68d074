/* The lessons. Commands are never translated; what people type in them is theirs. */
#include "tutorial/lesson.h"

#include <stddef.h>

#include "base/intl.h"

#define SERVER N_("server")
#define CLIENT N_("client")
#define SECOND N_("second server")
#define SHELL N_("shell")

#define LISTEN "nettool TCP-LISTEN:9090,bind=127.0.0.1,reuseaddr"
#define CONNECT "nettool - TCP:127.0.0.1:9090"

const struct lesson lessons[] = {
	{
		.chapter = 1,
		.title = N_("A client, and nobody to talk to"),
		.acts = {
			{ ACT_SAY, NULL, N_("nettool joins two addresses and carries bytes between them, both ways. "
				"Here the first address is -, which is the keyboard and the screen, and "
				"the second one calls port 9090 of this machine.") },
			{ ACT_RUN, CLIENT, CONNECT },
			{ ACT_STATUS, CLIENT, NULL },
		},
		.question = N_("Why was the client refused?"),
		.choices = {
			N_("the network is down"),
			N_("no program listens on port 9090"),
			N_("the client has typed nothing"),
		},
		.right = 1,
		.because = N_("Refused is an answer: the machine is there, and says that nobody listens on this port. "
			"So the server is started first."),
	},
	{
		.chapter = 1,
		.title = N_("A server and a client"),
		.acts = {
			{ ACT_SAY, NULL, N_("The server takes port 9090 and waits. bind=127.0.0.1 lets only this "
				"machine call; reuseaddr lets the server start again at once when it has "
				"ended.") },
			{ ACT_LISTEN, SERVER, LISTEN " -" },
			{ ACT_SAY, NULL, N_("Now the client is not refused.") },
			{ ACT_RUN, CLIENT, CONNECT },
			{ ACT_TYPE, CLIENT, "bonjour" },
			{ ACT_HEAR, SERVER, "bonjour" },
			{ ACT_TYPE, SERVER, "salut" },
			{ ACT_HEAR, CLIENT, "salut" },
		},
		.question = N_("Which of the two had to know the address of the other?"),
		.choices = { N_("the server"), N_("the client"), N_("both") },
		.right = 1,
		.because = N_("The client calls, so it needs address and port. The server learns who has called when it "
			"accepts the connection."),
	},
	{
		.chapter = 1,
		.title = N_("Who ends when"),
		.acts = {
			{ ACT_LISTEN, SERVER, LISTEN " -" },
			{ ACT_RUN, CLIENT, CONNECT },
			{ ACT_TYPE, CLIENT, "that is all" },
			{ ACT_HEAR, SERVER, "that is all" },
			{ ACT_SAY, NULL, N_("The client has nothing more to say and presses Ctrl-D. The connection "
				"carries that too: the server sees the end of its input.") },
			{ ACT_CLOSE, CLIENT, NULL },
			{ ACT_TYPE, SERVER, "I am still here" },
			{ ACT_HEAR, CLIENT, "I am still here" },
			{ ACT_CLOSE, SERVER, NULL },
			{ ACT_STATUS, SERVER, NULL },
			{ ACT_STATUS, CLIENT, NULL },
		},
		.question = N_("After the client's Ctrl-D, what was still open?"),
		.choices = {
			N_("nothing"),
			N_("the way from the server to the client"),
			N_("the way from the client to the server"),
		},
		.right = 1,
		.because = N_("A connection has two directions, and each ends by itself. One that is open in one "
			"direction only is half closed; that is how a client says \"that was my question\" and "
			"still hears the answer."),
	},
	{
		.chapter = 1,
		.title = N_("Two servers, one port"),
		.acts = {
			{ ACT_LISTEN, SERVER, LISTEN " -" },
			{ ACT_RUN, SECOND, LISTEN " -" },
			{ ACT_STATUS, SECOND, NULL },
		},
		.question = N_("What has to happen before the second server can start?"),
		.choices = {
			N_("a minute has to pass"),
			N_("the machine has to start again"),
			N_("the first server has to end, or the second one takes another port"),
		},
		.right = 2,
		.because = N_("One program listens on a port. The minute is something else: after a server has ended, "
			"the system keeps its old connections for a while, and without reuseaddr the port with "
			"them."),
	},
	{
		.chapter = 2,
		.title = N_("An echo for everybody"),
		.acts = {
			{ ACT_SAY, NULL, N_("With fork the server starts a child for each connection and goes on "
				"listening. PIPE gives back what is written into it: an echo.") },
			{ ACT_LISTEN, SERVER, LISTEN ",fork PIPE" },
			{ ACT_RUN, "ana", CONNECT },
			{ ACT_TYPE, "ana", "bonjour, c'est Ana" },
			{ ACT_HEAR, "ana", "bonjour, c'est Ana" },
			{ ACT_RUN, "ben", CONNECT },
			{ ACT_TYPE, "ben", "hello, this is Ben" },
			{ ACT_HEAR, "ben", "hello, this is Ben" },
			{ ACT_COUNT, SERVER, NULL },
		},
		.question = N_("A third client calls. Who accepts it?"),
		.choices = { N_("the parent"), N_("Ana's child"), N_("nobody, before Ana has left") },
		.right = 0,
		.because = N_("The parent does nothing but accept. Each child serves its own client, so nobody waits for "
			"anybody."),
	},
	{
		.chapter = 2,
		.title = N_("A script that answers"),
		.acts = {
			{ ACT_SAY, NULL, N_("SYSTEM runs a line of shell. What it reads comes from the client, and "
				"what it writes goes there.") },
			{ ACT_LISTEN, SERVER, LISTEN ",fork SYSTEM:'while read m; do echo \"Bonjour client, "
				"reçu : $m\"; done'" },
			{ ACT_RUN, CLIENT, CONNECT },
			{ ACT_TYPE, CLIENT, "une question" },
			{ ACT_HEAR, CLIENT, "Bonjour client, reçu : une question" },
		},
		.question = N_("Where does read take its lines from?"),
		.choices = {
			N_("from the keyboard of the server"),
			N_("from a file"),
			N_("from the connection"),
		},
		.right = 2,
		.because = N_("The script's standard input is one end of a socket pair, and nettool carries bytes between "
			"the other end and the connection. The script doesn't know that there is a network."),
	},
	{
		.chapter = 2,
		.title = N_("The same without a connection: UDP"),
		.acts = {
			{ ACT_SAY, NULL, N_("UDP knows no connections. Every line is a packet of its own, for which "
				"the server starts the program anew.") },
			{ ACT_LISTEN, SERVER, "nettool UDP-RECVFROM:9090,bind=127.0.0.1,fork SYSTEM:'tr a-z A-Z'" },
			{ ACT_RUN, CLIENT, "nettool - UDP:127.0.0.1:9090" },
			{ ACT_TYPE, CLIENT, "bonjour" },
			{ ACT_HEAR, CLIENT, "BONJOUR" },
			{ ACT_TYPE, CLIENT, "encore" },
			{ ACT_HEAR, CLIENT, "ENCORE" },
		},
		.question = N_("If a packet gets lost on its way, who notices?"),
		.choices = {
			N_("the system, which sends it again"),
			N_("nobody, unless the programs look for it"),
			N_("the server, which asks for it"),
		},
		.right = 1,
		.because = N_("TCP numbers its bytes and sends again what is lost. UDP sends a packet once and forgets "
			"it."),
	},
	{
		.chapter = 2,
		.title = N_("A socket with a name: UNIX"),
		.acts = {
			{ ACT_SAY, NULL, N_("Programs of one machine need no port. This server is found by the name "
				"of a file, and adds one to a letter.") },
			{ ACT_LISTEN, SERVER, "nettool UNIX-LISTEN:letter,fork SYSTEM:'tr a-z b-za'" },
			{ ACT_RUN, CLIENT, "echo m | nettool - UNIX:letter" },
			{ ACT_HEAR, CLIENT, "n" },
			{ ACT_RUN, SHELL, "ls -F letter" },
			{ ACT_HEAR, SHELL, "letter=" },
		},
		.question = N_("Who may connect to this server?"),
		.choices = {
			N_("everybody on the network"),
			N_("whoever may write to the file, on this machine"),
			N_("only the user who has started it, wherever he is"),
		},
		.right = 1,
		.because = N_("The permissions of the file decide, as for any other file; mode=600 would leave it to one "
			"user. nettool removes the file when the server ends."),
	},
	{
		.chapter = 3,
		.title = N_("One line each, in turns"),
		.acts = {
			{ ACT_SAY, NULL, N_("CHAT is made for a person at a keyboard. With turns the client begins, "
				"and then everybody has one line; what is typed too early waits.") },
			{ ACT_LISTEN, SERVER, LISTEN " CHAT,turns" },
			{ ACT_RUN, CLIENT, "nettool CHAT,turns TCP:127.0.0.1:9090" },
			{ ACT_TYPE, SERVER, "et vous ?" },
			{ ACT_SAY, NULL, N_("That was too early: it is the client's turn, and nothing arrives.") },
			{ ACT_TYPE, CLIENT, "ça va ?" },
			{ ACT_HEAR, SERVER, "ça va ?" },
			{ ACT_HEAR, CLIENT, "et vous ?" },
		},
		.question = N_("What happens when both sides wait for the other to begin?"),
		.choices = {
			N_("both wait for ever"),
			N_("one of them is chosen"),
			N_("the connection ends"),
		},
		.right = 0,
		.because = N_("That is a deadlock, and the two roles in the agreement are there to prevent it. nettool "
			"tells both sides after three seconds that the other one waits too."),
	},
	{
		.chapter = 3,
		.title = N_("Everybody with everybody"),
		.acts = {
			{ ACT_SAY, NULL, N_("With hub all connections share one conversation, and with names everybody "
				"sees who speaks.") },
			{ ACT_LISTEN, SERVER, LISTEN ",hub,names" },
			{ ACT_RUN, "ana", CONNECT },
			{ ACT_TYPE, "ana", "/nick ana" },
			{ ACT_HEAR, "ana", " ana" },
			{ ACT_RUN, "ben", CONNECT },
			{ ACT_TYPE, "ben", "/nick ben" },
			{ ACT_HEAR, "ana", " ben" },
			{ ACT_TYPE, "ana", "bonjour à tous" },
			{ ACT_HEAR, "ben", "<ana> bonjour à tous" },
			{ ACT_TYPE, "ben", "bonjour Ana" },
			{ ACT_HEAR, "ana", "<ben> bonjour Ana" },
			{ ACT_COUNT, SERVER, NULL },
		},
		.question = N_("Who sends Ana's line to Ben?"),
		.choices = {
			N_("Ana's client, over a connection to Ben's"),
			N_("the network, which sends it to everybody"),
			N_("the server, which writes it to every other connection"),
		},
		.right = 2,
		.because = N_("There are only connections to the server. It reads a line from one and writes it to the "
			"others."),
	},
	{
		.chapter = 3,
		.title = N_("One process for all: poll"),
		.acts = {
			{ ACT_SAY, NULL, N_("The echo once more, and this time without children: poll instead of "
				"fork.") },
			{ ACT_LISTEN, SERVER, LISTEN ",poll PIPE" },
			{ ACT_RUN, "ana", CONNECT },
			{ ACT_TYPE, "ana", "un" },
			{ ACT_HEAR, "ana", "un" },
			{ ACT_RUN, "ben", CONNECT },
			{ ACT_TYPE, "ben", "deux" },
			{ ACT_HEAR, "ben", "deux" },
			{ ACT_COUNT, SERVER, NULL },
		},
		.question = N_("How does one process wait for several clients at once?"),
		.choices = {
			N_("it asks them one after the other, again and again"),
			N_("it gives the system the list of its descriptors and sleeps until one of them is ready"),
			N_("it can't: Ben waits until Ana has written"),
		},
		.right = 1,
		.because = N_("That is what select and poll are for: one call waits for many descriptors and says which "
			"of them can be read or written without waiting."),
	},
};

const int lesson_count = sizeof(lessons) / sizeof(*lessons);
