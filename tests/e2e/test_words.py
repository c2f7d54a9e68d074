"""Every mistake is answered in the user's language: what went wrong, why, and one thing that helps.

One row of SITUATIONS is one situation: the command line, the exit status, the piece of it that is
underlined (or nothing), and for English and French the message and the hint. The hint stands
behind the marks or, at a terminal, in a line of its own. Words in {...} are facts of the test.
Each row runs at a terminal in both languages and once without a terminal; every line is compared,
and whatever went wrong must have left the test's folder as it was.
"""

import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

import certificates
import tools
from terminals import Window
from tools import ROOT, dead_port, free_port, name_of, needs_root, tcp_server, unix_server

LOCALE = tools.BUILDDIR / "locale"
NOBODY = 65534


class Row(NamedTuple):
    line: str
    status: int
    mark: str
    english: tuple  # message, hint
    french: tuple
    input: int = -1  # so many bytes are on standard input, which is no terminal then
    user: bool = False  # run by somebody who isn't root
    alone: bool = False  # run on a machine without a network
    listens: bool = False  # it listens first, and says so


SITUATIONS = [
    # words of the command line
    Row("- TPC:localhost:80", 2, "TPC",
        ('unknown device/address "TPC"', "did you mean TCP?"),
        ('périphérique/adresse "TPC" inconnu', "vouliez-vous dire TCP ?")),
    Row("- localhost:80", 2, "localhost",
        ('unknown device/address "localhost"', "did you mean TCP:localhost:80?"),
        ('périphérique/adresse "localhost" inconnu', "vouliez-vous dire TCP:localhost:80 ?")),
    Row("- http://localhost/", 2, "http",
        ('unknown device/address "http"', "did you mean TCP:localhost:http?"),
        ('périphérique/adresse "http" inconnu', "vouliez-vous dire TCP:localhost:http ?")),
    Row("- https://localhost:8443/x", 2, "https",
        ('unknown device/address "https"', "did you mean OPENSSL:localhost:8443?"),
        ('périphérique/adresse "https" inconnu', "vouliez-vous dire OPENSSL:localhost:8443 ?")),
    Row("- notes", 2, "notes",
        ('unknown device/address "notes"', "a file needs a slash: ./notes"),
        ('périphérique/adresse "notes" inconnu',
         "le nom d'un fichier contient une barre oblique : ./notes")),
    Row("- www.example.org", 2, "www.example.org",
        ('unknown device/address "www.example.org"',
         "a file needs a slash: ./www.example.org, and a host a port: TCP:www.example.org:80"),
        ('périphérique/adresse "www.example.org" inconnu',
         "le nom d'un fichier contient une barre oblique : ./www.example.org, et un hôte a besoin d'un port : "
         "TCP:www.example.org:80")),
    Row("TCP-LISTN:0 -", 2, "TCP-LISTN",
        ('unknown device/address "TCP-LISTN"', "did you mean TCP-LISTEN?"),
        ('périphérique/adresse "TCP-LISTN" inconnu', "vouliez-vous dire TCP-LISTEN ?")),
    Row("- TCP:localhost", 2, "TCP:localhost",
        ("TCP: wrong number of parameters (1 instead of 2): usage: TCP:<host>:<port>",
         "for example TCP:localhost:9090"),
        ("TCP : mauvais nombre de paramètres (1 au lieu de 2) : usage : TCP:<host>:<port>",
         "par exemple TCP:localhost:9090")),
    Row("- STDIO:1", 2, "STDIO:1",
        ("STDIO: wrong number of parameters (1 instead of 0): usage: STDIO", "for example -"),
        ("STDIO : mauvais nombre de paramètres (1 au lieu de 0) : usage : STDIO", "par exemple -")),
    Row("- TCP:::1:80", 2, "TCP:::1:80",
        ("TCP: wrong number of parameters (4 instead of 2): usage: TCP:<host>:<port>",
         "an IPv6 address stands in brackets: [::1]"),
        ("TCP : mauvais nombre de paramètres (4 au lieu de 2) : usage : TCP:<host>:<port>",
         "une adresse IPv6 s'écrit entre crochets : [::1]")),
    Row("- TCP:[::1:80", 2, "TCP:[::1:80",
        ("TCP: wrong number of parameters (1 instead of 2): usage: TCP:<host>:<port>",
         "[ is never closed"),
        ("TCP : mauvais nombre de paramètres (1 au lieu de 2) : usage : TCP:<host>:<port>",
         "[ n'est jamais fermé")),
    Row(",fork -", 2, ",",
        ('unknown device/address "": the address has no keyword', ""),
        ("périphérique/adresse \"\" inconnu : l'adresse n'a pas de mot-clé", "")),
    Row("- 'EXEC:\"cat'", 2, '"',
        ('unexpected end of address: " is never closed', ""),
        ("fin d'adresse inattendue : \" n'est jamais fermé", "")),
    Row("- 'OPEN:a\\'", 2, "\\",
        ("unexpected end of address: nothing follows the last backslash", ""),
        ("fin d'adresse inattendue : rien ne suit la dernière barre oblique inverse", "")),
    Row("- TCP:localhost:80 -v", 2, "",
        ('exactly 2 addresses required (there are 3); use option "-h" for help',
         "options stand in front of the addresses: nettool -v ..."),
        ("il faut exactement 2 adresses (il y en a 3) ; l'option \"-h\" donne de l'aide",
         "les options se mettent devant les adresses : nettool -v ...")),
    Row("TCP-LISTEN:80, reuseaddr -", 2, "",
        ('exactly 2 addresses required (there are 3); use option "-h" for help',
         "an address has no blank: TCP-LISTEN:80,reuseaddr"),
        ("il faut exactement 2 adresses (il y en a 3) ; l'option \"-h\" donne de l'aide",
         "une adresse n'a pas d'espace : TCP-LISTEN:80,reuseaddr")),
    Row("- EXEC:ls -l", 2, "",
        ('exactly 2 addresses required (there are 3); use option "-h" for help',
         "quotes keep an address with blanks together: 'EXEC:ls -l'"),
        ("il faut exactement 2 adresses (il y en a 3) ; l'option \"-h\" donne de l'aide",
         "des guillemets tiennent ensemble une adresse avec des espaces : 'EXEC:ls -l'")),
    Row("- TCP localhost 80", 2, "",
        ('exactly 2 addresses required (there are 4); use option "-h" for help',
         "a colon stands in front of each parameter: TCP:localhost:80"),
        ("il faut exactement 2 adresses (il y en a 4) ; l'option \"-h\" donne de l'aide",
         "un deux-points précède chaque paramètre : TCP:localhost:80")),
    Row("EXEC 'ls -l' -", 2, "",
        ('exactly 2 addresses required (there are 3); use option "-h" for help',
         "a colon stands in front of each parameter: 'EXEC:ls -l'"),
        ("il faut exactement 2 adresses (il y en a 3) ; l'option \"-h\" donne de l'aide",
         "un deux-points précède chaque paramètre : 'EXEC:ls -l'")),
    Row("localhost 80", 2, "localhost",
        ('unknown device/address "localhost"',
         "netcat's words stand behind nc: nettool nc localhost 80"),
        ('périphérique/adresse "localhost" inconnu',
         "les mots de netcat se mettent derrière nc : nettool nc localhost 80")),
    Row("'TCP-LISTEN:0,reuseaddr STDIO'", 2, "reuseaddr STDIO",
        ("TCP-LISTEN has no option 'reuseaddr STDIO'",
         "each address is a word of its own: quotes around both make one"),
        ("TCP-LISTEN n'a pas d'option 'reuseaddr STDIO'",
         "chaque adresse est un mot à part : des guillemets autour des deux n'en font qu'un")),
    Row("'- TCP:localhost:80'", 2, "",
        ('unknown option "- TCP:localhost:80"; use option "-h" for help',
         "each address is a word of its own: quotes around both make one"),
        ("option \"- TCP:localhost:80\" inconnue ; l'option \"-h\" donne de l'aide",
         "chaque adresse est un mot à part : des guillemets autour des deux n'en font qu'un")),
    Row("", 2, "",
        ('exactly 2 addresses required (there are 0); use option "-h" for help',
         "two addresses are joined: nettool - TCP:localhost:9090"),
        ("il faut exactement 2 adresses (il y en a 0) ; l'option \"-h\" donne de l'aide",
         "il faut deux adresses à relier : nettool - TCP:localhost:9090")),
    Row("-", 2, "",
        ('exactly 2 addresses required (there are 1); use option "-h" for help',
         "the other one is missing: nettool - TCP:localhost:9090"),
        ("il faut exactement 2 adresses (il y en a 1) ; l'option \"-h\" donne de l'aide",
         "il manque l'autre : nettool - TCP:localhost:9090")),
    Row("CHAT,nick=ana", 2, "",
        ('exactly 2 addresses required (there are 1); use option "-h" for help',
         "the other one is missing: nettool CHAT,nick=ana TCP:localhost:9090"),
        ("il faut exactement 2 adresses (il y en a 1) ; l'option \"-h\" donne de l'aide",
         "il manque l'autre : nettool CHAT,nick=ana TCP:localhost:9090")),
    Row("TCP-LISTEN:0", 2, "",
        ('exactly 2 addresses required (there are 1); use option "-h" for help',
         "the other one may be this terminal: nettool TCP-LISTEN:0 -"),
        ("il faut exactement 2 adresses (il y en a 1) ; l'option \"-h\" donne de l'aide",
         "l'autre peut être ce terminal : nettool TCP-LISTEN:0 -")),
    Row("- OPEN:", 2, "OPEN:",
        ("the path is empty", ""),
        ("le chemin est vide", "")),
    Row("- UNIX:", 2, "UNIX:",
        ("a UNIX socket needs a path without NUL bytes", ""),
        ("il faut à une socket UNIX un chemin sans octet NUL", "")),
    Row("- UNIX:{long}", 2, "UNIX:{long}",
        ("the name of a UNIX socket has at most 107 bytes, this one has 120",
         "option chdir=<folder> makes the path short"),
        ("le nom d'une socket UNIX a au plus 107 octets, celui-ci en a 120",
         "l'option chdir=<dossier> rend le chemin court")),
    Row("- FD:x", 2, "FD:x",
        ('"x" is not the number of a descriptor: missing numerical value, 0 to 2147483647 is '
         "allowed",
         ""),
        ("\"x\" n'est pas un numéro de descripteur : il manque une valeur numérique, les valeurs permises vont de 0 à "
         "2147483647",
         "")),
    Row("--chekc - -", 2, "--chekc",
        ('unknown option "--chekc"; use option "-h" for help', "did you mean --check?"),
        ("option \"--chekc\" inconnue ; l'option \"-h\" donne de l'aide",
         "vouliez-vous dire --check ?")),
    Row("-q - -", 2, "",
        ('unknown option "-q"; use option "-h" for help',
         "options of netcat stand behind nc: nettool nc -q"),
        ("option \"-q\" inconnue ; l'option \"-h\" donne de l'aide",
         "les options de netcat se mettent derrière nc : nettool nc -q")),
    Row("-vx - -", 2, "",
        ('Do not merge single character options, i.e. use "-v -x" instead of "-vx"', ""),
        ("ne pas coller les options d'une lettre : écrire \"-v -x\" au lieu de \"-vx\"", "")),
    Row("-t", 2, "",
        ("option -t needs a value: <seconds>", ""),
        ("l'option -t a besoin d'une valeur : <seconds>", "")),
    Row("--check=5 - -", 2, "",
        ("option --check takes no value", ""),
        ("l'option --check ne prend pas de valeur", "")),
    Row("--log-format=jsn - -", 2, "jsn",
        ("option --log-format=jsn: plain|classic|json is allowed", "did you mean json?"),
        ("option --log-format=jsn : plain|classic|json est permis", "vouliez-vous dire json ?")),
    Row("--logformat=json - -", 2, "--logformat",
        ('unknown option "--logformat=json"; use option "-h" for help',
         "did you mean --log-format?"),
        ("option \"--logformat=json\" inconnue ; l'option \"-h\" donne de l'aide",
         "vouliez-vous dire --log-format ?")),
    Row("-color=never - -", 2, "-color",
        ('unknown option "-color=never"; use option "-h" for help', "did you mean --color?"),
        ("option \"-color=never\" inconnue ; l'option \"-h\" donne de l'aide",
         "vouliez-vous dire --color ?")),
    Row("u - TCP:localhost:80", 2, "",
        ('exactly 2 addresses required (there are 3); use option "-h" for help',
         '"u" is no address'),
        ("il faut exactement 2 adresses (il y en a 3) ; l'option \"-h\" donne de l'aide",
         "\"u\" n'est pas une adresse")),
    Row("TCP-LISTEN:0900 -", 2, "0900",
        ('port 0900: trailing garbage "900" behind the number, which is octal because it begins '
         "with 0",
         ""),
        ("port 0900 : \"900\" est de trop derrière le nombre, qui est octal parce qu'il commence "
         "par 0",
         "")),
    Row("--progress=nver - -", 2, "nver",
        ("option --progress=nver: auto|always|never is allowed", "did you mean never?"),
        ("option --progress=nver : auto|always|never est permis", "vouliez-vous dire never ?")),
    Row("--color=awlays - -", 2, "awlays",
        ("option --color=awlays: auto|always|never is allowed", "did you mean always?"),
        ("option --color=awlays : auto|always|never est permis", "vouliez-vous dire always ?")),
    Row("--list=adresses", 2, "adresses",
        ("option --list=adresses: addresses|options is allowed", "did you mean addresses?"),
        ("option --list=adresses : addresses|options est permis", "vouliez-vous dire addresses ?")),
    Row("--format=jason --list=options", 2, "jason",
        ("option --format=jason: table|tsv|json|mdoc is allowed", "did you mean json?"),
        ("option --format=jason : table|tsv|json|mdoc est permis", "vouliez-vous dire json ?")),
    Row("-lydeamon - -", 2, "",
        ("option -lydeamon: there is no such syslog facility", "did you mean daemon?"),
        ("option -lydeamon : cette catégorie de syslog n'existe pas",
         "vouliez-vous dire daemon ?")),
    Row("--ready-fd=77 - -", 2, "",
        ("--ready-fd=77: descriptor 77 is not open", ""),
        ("--ready-fd=77 : le descripteur 77 n'est pas ouvert", "")),
    Row("--scan TCP:localhost:30-20", 2, "30-20",
        ("this range of ports ends before it begins", "did you mean 20-30?"),
        ("cette plage de ports finit avant de commencer", "vouliez-vous dire 20-30 ?")),
    Row("--help reuseadr", 2, "reuseadr",
        ('there is no address and no option called "reuseadr"', "did you mean reuseaddr?"),
        ("aucune adresse et aucune option ne s'appelle \"reuseadr\"",
         "vouliez-vous dire reuseaddr ?")),
    Row("-u CREATE:new -", 2, "CREATE:new",
        ("CREATE can only be written, and here it would be read", "swap the addresses"),
        ("CREATE ne peut être qu'écrit, et ici il faudrait le lire", "échanger les adresses")),
    Row("-u - STDIN", 2, "STDIN",
        ("STDIN can only be read, and here it would be written", "swap the addresses"),
        ("STDIN ne peut être que lu, et ici il faudrait y écrire", "échanger les adresses")),
    # numbers
    Row("-t 5sec - -", 2, "",
        ('option -t 5sec: trailing garbage "sec" behind the number, units are us, ms, s, m, h, d',
         ""),
        ('option -t 5sec : "sec" est de trop derrière le nombre, les unités sont us, ms, s, m, '
         "h, d",
         "")),
    Row("-T -3 - -", 2, "",
        ("option -T -3: out of range, a time of 0 seconds or more is allowed", ""),
        ("option -T -3 : hors limites, une durée de 0 seconde ou plus est permise", "")),
    Row("-t soon - -", 2, "",
        ("option -t soon: missing numerical value, a time such as 500ms, 2s or 1m is allowed", ""),
        ("option -t soon : il manque une valeur numérique, une durée comme 500ms, 2s ou 1m est "
         "permise",
         "")),
    Row("-b 64z - -", 2, "",
        ('option -b 64z: trailing garbage "z" behind the number, units are k, M, G, T, Ki, Mi, '
         "Gi, Ti",
         ""),
        ('option -b 64z : "z" est de trop derrière le nombre, les unités sont k, M, G, T, Ki, '
         "Mi, Gi, Ti",
         "")),
    Row("-b 0 - -", 2, "",
        ("option -b 0: out of range, 1 to 1073741823 is allowed", ""),
        ("option -b 0 : hors limites, les valeurs permises vont de 1 à 1073741823", "")),
    Row("--size=-3 --progress - -", 2, "",
        ("option --size=-3: out of range, 1 to 9223372036854775807 is allowed", ""),
        ("option --size=-3 : hors limites, les valeurs permises vont de 1 à 9223372036854775807", "")),
    Row("-S 1z - -", 2, "",
        ('option -S 1z: trailing garbage "z" behind the number, 0 to 9223372036854775807 is '
         "allowed",
         ""),
        ('option -S 1z : "z" est de trop derrière le nombre, les valeurs permises vont de 0 à '
         "9223372036854775807",
         "")),
    Row("- TCP:localhost:70000", 2, "70000",
        ("port 70000: out of range, 0 to 65535 is allowed", ""),
        ("port 70000 : hors limites, les valeurs permises vont de 0 à 65535", "")),
    Row("- TCP:localhost:-5", 2, "-5",
        ("port -5: out of range, 0 to 65535 is allowed", ""),
        ("port -5 : hors limites, les valeurs permises vont de 0 à 65535", "")),
    Row("- TCP:localhost:80x", 2, "80x",
        ('port 80x: trailing garbage "x" behind the number, 0 to 65535 is allowed', ""),
        ('port 80x : "x" est de trop derrière le nombre, les valeurs permises vont de 0 à 65535', "")),
    Row("- TCP:localhost:,fork", 2, ",",
        ("the port is empty: a number or a service name is missing", ""),
        ("le port est vide : il manque un nombre ou un nom de service", "")),
    Row("- TCP:localhost:htpp", 2, "htpp",
        ('unknown service "htpp"', "did you mean http?"),
        ('service "htpp" inconnu', "vouliez-vous dire http ?")),
    Row("- TCP:localhost:80,connect-timeout=5sec", 2, "5sec",
        ("option 'connect-timeout' has the bad value '5sec': trailing garbage \"sec\" behind the "
         "number, units are us, ms, s, m, h, d",
         ""),
        ("l'option 'connect-timeout' a la mauvaise valeur '5sec' : \"sec\" est de trop derrière "
         "le nombre, les unités sont us, ms, s, m, h, d",
         "")),
    Row("- TCP:localhost:80,connect-timeout=-1", 2, "-1",
        ("option 'connect-timeout' has the bad value '-1': out of range, a time of 0 seconds or "
         "more is allowed",
         ""),
        ("l'option 'connect-timeout' a la mauvaise valeur '-1' : hors limites, une durée de 0 "
         "seconde ou plus est permise",
         "")),
    Row("- TCP:localhost:80,sndbuf=1z", 2, "1z",
        ("option 'sndbuf' has the bad value '1z': trailing garbage \"z\" behind the number, "
         "units are k, M, G, T, Ki, Mi, Gi, Ti",
         ""),
        ("l'option 'sndbuf' a la mauvaise valeur '1z' : \"z\" est de trop derrière le nombre, "
         "les unités sont k, M, G, T, Ki, Mi, Gi, Ti",
         "")),
    Row("- TCP:localhost:80,ttl=300", 2, "300",
        ("option 'ttl' has the bad value '300': out of range, -1 to 255 is allowed", ""),
        ("l'option 'ttl' a la mauvaise valeur '300' : hors limites, les valeurs permises vont de -1 à 255", "")),
    Row("- OPEN:f,seek=99999999999999999999", 2, "99999999999999999999",
        ("option 'seek' has the bad value '99999999999999999999': out of range, 0 to "
         "9223372036854775807 is allowed",
         ""),
        ("l'option 'seek' a la mauvaise valeur '99999999999999999999' : hors limites, les valeurs permises vont de 0 à "
         "9223372036854775807",
         "")),
    Row("- OPEN:f,mode=999", 2, "999",
        ("option 'mode' has the bad value '999': not octal: the digits are 0 to 7", ""),
        ("l'option 'mode' a la mauvaise valeur '999' : ce n'est pas de l'octal : les chiffres "
         "vont de 0 à 7",
         "")),
    Row("- UDP:localhost:80,drop=200", 2, "200",
        ("option 'drop' has the bad value '200': out of range, 0% to 100% is allowed", ""),
        ("l'option 'drop' a la mauvaise valeur '200' : hors limites, les valeurs permises vont de 0% à 100%", "")),
    Row("- TCP:localhost:80,nodelay=yes", 2, "yes",
        ("option 'nodelay' has the bad value 'yes': missing numerical value, -2147483648 to "
         "2147483647 is allowed",
         "did you mean 1?"),
        ("l'option 'nodelay' a la mauvaise valeur 'yes' : il manque une valeur numérique, les valeurs permises vont de "
         "-2147483648 à 2147483647",
         "vouliez-vous dire 1 ?")),
    # options
    Row("TCP-LISTEN:0,reuseadr -", 2, "reuseadr",
        ("TCP-LISTEN has no option 'reuseadr'", "did you mean reuseaddr?"),
        ("TCP-LISTEN n'a pas d'option 'reuseadr'", "vouliez-vous dire reuseaddr ?")),
    Row("OPEN:f,reuseaddr -", 2, "reuseaddr",
        ("option 'reuseaddr' is not supported with this address type",
         "reuseaddr belongs to sockets, OPEN has none"),
        ("l'option 'reuseaddr' ne convient pas à ce type d'adresse",
         "reuseaddr est une option des sockets, OPEN n'en a pas")),
    Row("- TCP:localhost:80,creat", 2, "creat",
        ("option 'creat' is not supported with this address type",
         "creat belongs to files, TCP-CONNECT opens none"),
        ("l'option 'creat' ne convient pas à ce type d'adresse",
         "creat est une option des fichiers, TCP-CONNECT n'en ouvre pas")),
    Row("- TCP:localhost:80,raw", 2, "raw",
        ("option 'raw' is not supported with this address type",
         "raw belongs to terminals, TCP-CONNECT is none"),
        ("l'option 'raw' ne convient pas à ce type d'adresse",
         "raw est une option des terminaux, TCP-CONNECT n'en est pas un")),
    Row("- TCP:localhost:80,pty", 2, "pty",
        ("option 'pty' is not supported with this address type",
         "pty belongs to programs, TCP-CONNECT runs none"),
        ("l'option 'pty' ne convient pas à ce type d'adresse",
         "pty est une option des programmes, TCP-CONNECT n'en lance pas")),
    Row("- TCP:localhost:80,range=127.0.0.1/8", 2, "range",
        ("option 'range' is not supported with this address type",
         "range belongs to addresses that others reach, nobody reaches TCP-CONNECT"),
        ("l'option 'range' ne convient pas à ce type d'adresse",
         "range est une option des adresses que d'autres joignent, personne ne joint "
         "TCP-CONNECT")),
    Row("- TCP:localhost:80,backlog=5", 2, "backlog",
        ("option 'backlog' is not supported with this address type",
         "backlog belongs to addresses that listen, TCP-CONNECT doesn't"),
        ("l'option 'backlog' ne convient pas à ce type d'adresse",
         "backlog est une option des adresses qui écoutent, TCP-CONNECT n'écoute pas")),
    Row("- UDP:localhost:80,nodelay", 2, "nodelay",
        ("option 'nodelay' is not supported with this address type",
         "nodelay belongs to TCP, which UDP-CONNECT doesn't use"),
        ("l'option 'nodelay' ne convient pas à ce type d'adresse",
         "nodelay est une option de TCP, que UDP-CONNECT n'utilise pas")),
    Row("- UNIX:x,ttl=3", 2, "ttl",
        ("option 'ttl' is not supported with this address type",
         "ttl belongs to IP sockets, UNIX-CLIENT has none"),
        ("l'option 'ttl' ne convient pas à ce type d'adresse",
         "ttl est une option des sockets IP, UNIX-CLIENT n'en a pas")),
    Row("- EXEC:cat,nick=ana", 2, "nick",
        ("option 'nick' is not supported with this address type",
         "nick belongs to CHAT, not to EXEC"),
        ("l'option 'nick' ne convient pas à ce type d'adresse",
         "nick est une option de CHAT, pas de EXEC")),
    Row("- OPEN:f,fork", 2, "fork",
        ("option 'fork' is not supported with this address type",
         "fork belongs to addresses that make connections, OPEN makes none"),
        ("l'option 'fork' ne convient pas à ce type d'adresse",
         "fork est une option des adresses qui créent des connexions, OPEN n'en crée pas")),
    Row("- OPEN:f,retry=4", 2, "retry",
        ("option 'retry' is not supported with this address type",
         "retry belongs to addresses that can try again, OPEN cannot"),
        ("l'option 'retry' ne convient pas à ce type d'adresse",
         "retry est une option des adresses qui peuvent réessayer, OPEN ne le peut pas")),
    Row("- PIPE,b9600", 2, "b9600",
        ("option 'b9600' is not supported with this address type",
         "b9600 belongs to terminals, PIPE is none"),
        ("l'option 'b9600' ne convient pas à ce type d'adresse",
         "b9600 est une option des terminaux, PIPE n'en est pas un")),
    Row("- STDIO,unlink", 2, "unlink",
        ("option 'unlink' is not supported with this address type",
         "unlink belongs to names in the file system, STDIO has none"),
        ("l'option 'unlink' ne convient pas à ce type d'adresse",
         "unlink est une option des noms du système de fichiers, STDIO n'en a pas")),
    Row("- SYSTEM:touch\\ new,now", 2, "now",
        ("SYSTEM has no option 'now'", "a comma that belongs to the command is written \\,"),
        ("SYSTEM n'a pas d'option 'now'",
         "une virgule qui fait partie de la commande s'écrit \\,")),
    Row("- OPEN:f,creat,user=rot", 2, "rot",
        ("option 'user' has the bad value 'rot': there is no such user, a name or a number is "
         "allowed",
         "did you mean root?"),
        ("l'option 'user' a la mauvaise valeur 'rot' : cet utilisateur n'existe pas, un nom ou "
         "un nombre est permis",
         "vouliez-vous dire root ?")),
    Row("TCP-LISTEN:0,pf=ip5 -", 2, "ip5",
        ("option 'pf' has the bad value 'ip5': ip4, ip6, unix or a number from 0 to 65535 is "
         "allowed",
         "did you mean ip4?"),
        ("l'option 'pf' a la mauvaise valeur 'ip5' : ip4, ip6, unix ou un nombre de 0 à 65535 "
         "est permis",
         "vouliez-vous dire ip4 ?")),
    Row("TCP-LISTEN:0,hub,hub-slow=drp -", 2, "drp",
        ("option 'hub-slow' has the bad value 'drp': these words are allowed: close, drop, block",
         "did you mean drop?"),
        ("l'option 'hub-slow' a la mauvaise valeur 'drp' : ces mots sont permis : close, drop, "
         "block",
         "vouliez-vous dire drop ?")),
    Row("TCP-LISTEN:0,hub=line -", 2, "line",
        ("option 'hub' has the bad value 'line': these words are allowed: lines, bytes, star",
         "did you mean lines?"),
        ("l'option 'hub' a la mauvaise valeur 'line' : ces mots sont permis : lines, bytes, star",
         "vouliez-vous dire lines ?")),
    Row("CHAT,turns=beginn -", 2, "beginn",
        ("option 'turns' has the bad value 'beginn': these words are allowed: begin, wait",
         "did you mean begin?"),
        ("l'option 'turns' a la mauvaise valeur 'beginn' : ces mots sont permis : begin, wait",
         "vouliez-vous dire begin ?")),
    Row("- TCP:localhost:80,so-type=stream", 2, "stream",
        ("option 'so-type' has the bad value 'stream': missing numerical value, 0 to 2147483647 "
         "is allowed",
         "did you mean 1?"),
        ("l'option 'so-type' a la mauvaise valeur 'stream' : il manque une valeur numérique, les valeurs permises vont de "
         "0 à 2147483647",
         "vouliez-vous dire 1 ?")),
    Row("TCP-LISTEN:0,range=127.0.0.1/99 -", 2, "127.0.0.1/99",
        ("option 'range' has the bad value '127.0.0.1/99': out of range, 0 to 32 is allowed", ""),
        ("l'option 'range' a la mauvaise valeur '127.0.0.1/99' : hors limites, les valeurs "
         "permises vont de 0 à 32",
         "")),
    Row("TCP-LISTEN:0,range=127.0.0.1 -", 2, "127.0.0.1",
        ("option 'range' has the bad value '127.0.0.1': a mask is needed: address/bits or "
         "address:mask",
         ""),
        ("l'option 'range' a la mauvaise valeur '127.0.0.1' : il faut un masque : adresse/bits "
         "ou adresse:masque",
         "")),
    Row("UDP-RECV:0,ip-add-membership=224.0.0.1 -", 2, "224.0.0.1",
        ("option 'ip-add-membership' has the bad value '224.0.0.1': group:interface is needed", ""),
        ("l'option 'ip-add-membership' a la mauvaise valeur '224.0.0.1' : il faut group:interface",
         "")),
    Row("TCP-LISTEN:0,hub-echo -", 2, "TCP-LISTEN:0,hub-echo",
        ("option hub-echo needs option hub", ""),
        ("l'option hub-echo a besoin de l'option hub", "")),
    Row("TCP-LISTEN:0,fork,poll -", 2, "TCP-LISTEN:0,fork,poll",
        ("only one of the options fork, poll and hub is allowed", ""),
        ("une seule des options fork, poll et hub est permise", "")),
    Row("TCP-LISTEN:0,max-children=3 -", 2, "TCP-LISTEN:0,max-children=3",
        ("option max-children not allowed without option fork", ""),
        ("l'option max-children n'est pas permise sans l'option fork", "")),
    Row("- OPEN:f,lockfile", 2, "lockfile",
        ("option 'lockfile': a value is missing, =<path> is needed", ""),
        ("option 'lockfile' : il manque une valeur, il faut =<path>", "")),
    Row("- EXEC:cat,path", 2, "path",
        ("option 'path': a value is missing, =<directories> is needed", ""),
        ("option 'path' : il manque une valeur, il faut =<directories>", "")),
    # files
    Row("- OPEN:{tmp}/missing", 1, "",
        ("OPEN:{tmp}/missing: cannot open {tmp}/missing: No such file or directory",
         "option creat makes a new file"),
        ("OPEN:{tmp}/missing: impossible d'ouvrir {tmp}/missing: Aucun fichier ou dossier de ce "
         "nom",
         "l'option creat crée un nouveau fichier")),
    Row("- OPEN:{tmp}/nots", 1, "",
        ("OPEN:{tmp}/nots: cannot open {tmp}/nots: No such file or directory",
         "did you mean {tmp}/notes?"),
        ("OPEN:{tmp}/nots: impossible d'ouvrir {tmp}/nots: Aucun fichier ou dossier de ce nom",
         "vouliez-vous dire {tmp}/notes ?")),
    Row("- OPEN:{tmp}/none/f,creat", 1, "",
        ("OPEN:{tmp}/none/f,creat: cannot open {tmp}/none/f: No such file or directory",
         "the folder {tmp}/none does not exist"),
        ("OPEN:{tmp}/none/f,creat: impossible d'ouvrir {tmp}/none/f: Aucun fichier ou dossier de "
         "ce nom",
         "le dossier {tmp}/none n'existe pas")),
    Row("- OPEN:{tmp}", 1, "",
        ("OPEN:{tmp}: cannot open {tmp}: Is a directory",
         "a folder holds no data itself; name a file in it"),
        ("OPEN:{tmp}: impossible d'ouvrir {tmp}: Est un dossier",
         "un dossier ne contient pas lui-même de données ; nommer un fichier qui s'y trouve")),
    Row("- OPEN:{tmp}/notes/f", 1, "",
        ("OPEN:{tmp}/notes/f: cannot open {tmp}/notes/f: Not a directory",
         "what stands in front of the last slash is a file, no folder"),
        ("OPEN:{tmp}/notes/f: impossible d'ouvrir {tmp}/notes/f: N'est pas un dossier",
         "ce qui précède la dernière barre oblique est un fichier, pas un dossier")),
    Row("- OPEN:{tmp}/notes,creat,excl", 1, "",
        ("OPEN:{tmp}/notes,creat,excl: cannot open {tmp}/notes: File exists",
         "option excl wants it to be new"),
        ("OPEN:{tmp}/notes,creat,excl: impossible d'ouvrir {tmp}/notes: Le fichier existe",
         "avec l'option excl, il doit être nouveau")),
    Row("- OPEN:{tmp}/stale", 1, "",
        ("OPEN:{tmp}/stale: cannot open {tmp}/stale: No such device or address",
         "it is a socket: UNIX:{tmp}/stale connects to it"),
        ("OPEN:{tmp}/stale: impossible d'ouvrir {tmp}/stale: Aucun périphérique ou adresse de ce "
         "nom",
         "c'est une socket : UNIX:{tmp}/stale s'y connecte")),
    Row("- OPEN:{tmp}/fifo,wronly,nonblock", 1, "",
        ("OPEN:{tmp}/fifo,wronly,nonblock: cannot open {tmp}/fifo: No such device or address",
         "nobody reads from this pipe; start the reader first"),
        ("OPEN:{tmp}/fifo,wronly,nonblock: impossible d'ouvrir {tmp}/fifo: Aucun périphérique ou "
         "adresse de ce nom",
         "personne ne lit ce tube ; démarrer d'abord le lecteur")),
    Row("- PIPE:{tmp}/none/p", 1, "",
        ("PIPE:{tmp}/none/p: cannot create fifo {tmp}/none/p: No such file or directory",
         "the folder {tmp}/none does not exist"),
        ("PIPE:{tmp}/none/p: impossible de créer le tube nommé {tmp}/none/p: Aucun fichier ou "
         "dossier de ce nom",
         "le dossier {tmp}/none n'existe pas")),
    Row("PTY,link={tmp}/none/x -", 1, "",
        ("PTY,link={tmp}/none/x: cannot make the link {tmp}/none/x: No such file or directory",
         "the folder {tmp}/none does not exist"),
        ("PTY,link={tmp}/none/x: impossible de créer le lien {tmp}/none/x: Aucun fichier ou "
         "dossier de ce nom",
         "le dossier {tmp}/none n'existe pas")),
    Row("- OPEN:{tmp}/notes,chdir={tmp}/toosl", 1, "",
        ("OPEN:{tmp}/notes,chdir={tmp}/toosl: cannot change to directory {tmp}/toosl: No such "
         "file or directory",
         "did you mean {tmp}/tools?"),
        ("OPEN:{tmp}/notes,chdir={tmp}/toosl: impossible d'aller dans le dossier {tmp}/toosl: "
         "Aucun fichier ou dossier de ce nom",
         "vouliez-vous dire {tmp}/tools ?")),
    Row("-r {tmp}/none/copy - PIPE", 1, "",
        ("cannot open {tmp}/none/copy: No such file or directory",
         "the folder {tmp}/none does not exist"),
        ("impossible d'ouvrir {tmp}/none/copy: Aucun fichier ou dossier de ce nom",
         "le dossier {tmp}/none n'existe pas")),
    Row("-L {tmp}/notes PIPE PIPE", 1, "",
        ('could not obtain lock "{tmp}/notes": the file exists',
         "if no program holds it, remove it"),
        ('verrou "{tmp}/notes" impossible à obtenir : le fichier existe',
         "si aucun programme ne le tient, le supprimer")),
    Row("- FD:9", 1, "",
        ("FD:9: descriptor 9 is not open", "who starts nettool opens it: 9<file or 9>file"),
        ("FD:9: le descripteur 9 n'est pas ouvert",
         "qui lance nettool l'ouvre : 9<fichier ou 9>fichier")),
    Row("- OPEN:{tmp}/secret", 1, "",
        ("OPEN:{tmp}/secret: cannot open {tmp}/secret: Permission denied",
         "you need the right to write there: ls -ld {tmp}/secret"),
        ("OPEN:{tmp}/secret: impossible d'ouvrir {tmp}/secret: Permission non accordée",
         "il faut le droit d'y écrire : ls -ld {tmp}/secret"), user=True),
    Row("- OPEN:{tmp}/new,creat", 1, "",
        ("OPEN:{tmp}/new,creat: cannot open {tmp}/new: Permission denied",
         "you need the right to write in the folder where it is to be"),
        ("OPEN:{tmp}/new,creat: impossible d'ouvrir {tmp}/new: Permission non accordée",
         "il faut le droit d'écrire dans le dossier où il doit être"), user=True),
    Row("UNIX-LISTEN:{tmp}/new -", 1, "",
        ("UNIX-LISTEN:{tmp}/new: cannot bind {tmp}/new: Permission denied",
         "you need the right to write in the folder where it is to be"),
        ("UNIX-LISTEN:{tmp}/new: impossible de lier à l'adresse {tmp}/new (bind): Permission non "
         "accordée",
         "il faut le droit d'écrire dans le dossier où il doit être"), user=True),
    Row("-u - OPEN:/dev/full", 1, "",
        ("OPEN:/dev/full: cannot write: No space left on device", ""),
        ("OPEN:/dev/full: impossible d'écrire: Plus de place sur le périphérique", ""), input=1),
    # programs
    Row("- EXEC:eidtor,path={tmp}/tools", 1, "",
        ("EXEC:eidtor,path={tmp}/tools: cannot run eidtor: No such file or directory",
         "did you mean editor?"),
        ("EXEC:eidtor,path={tmp}/tools: impossible de lancer eidtor: Aucun fichier ou dossier de "
         "ce nom",
         "vouliez-vous dire editor ?")),
    Row("- EXEC:nosuchprogram,path={tmp}/tools", 1, "",
        ("EXEC:nosuchprogram,path={tmp}/tools: cannot run nosuchprogram: No such file or "
         "directory",
         "no directory of PATH has a program of that name"),
        ("EXEC:nosuchprogram,path={tmp}/tools: impossible de lancer nosuchprogram: Aucun fichier "
         "ou dossier de ce nom",
         "aucun dossier de PATH n'a de programme de ce nom")),
    Row("- 'EXEC:cat|sort'", 1, "",
        ("EXEC:cat|sort: cannot run cat|sort: No such file or directory",
         "that needs a shell: SYSTEM instead of EXEC"),
        ("EXEC:cat|sort: impossible de lancer cat|sort: Aucun fichier ou dossier de ce nom",
         "il faut un shell pour cela : SYSTEM au lieu d'EXEC")),
    Row("- EXEC:{tmp}/notes", 1, "",
        ("EXEC:{tmp}/notes: cannot run {tmp}/notes: Permission denied",
         "make it executable: chmod +x {tmp}/notes"),
        ("EXEC:{tmp}/notes: impossible de lancer {tmp}/notes: Permission non accordée",
         "le rendre exécutable : chmod +x {tmp}/notes")),
    Row("- EXEC:{tmp}/tools", 1, "",
        ("EXEC:{tmp}/tools: cannot run {tmp}/tools: Permission denied",
         "that is a folder; name a program in it"),
        ("EXEC:{tmp}/tools: impossible de lancer {tmp}/tools: Permission non accordée",
         "c'est un dossier ; nommer un programme qui s'y trouve")),
    Row("- EXEC:{tmp}/tools/edtor", 1, "",
        ("EXEC:{tmp}/tools/edtor: cannot run {tmp}/tools/edtor: No such file or directory",
         "did you mean {tmp}/tools/editor?"),
        ("EXEC:{tmp}/tools/edtor: impossible de lancer {tmp}/tools/edtor: Aucun fichier ou "
         "dossier de ce nom",
         "vouliez-vous dire {tmp}/tools/editor ?")),
    Row("- EXEC:{tmp}/script", 1, "",
        ("EXEC:{tmp}/script: cannot run {tmp}/script: No such file or directory",
         "the program that its first line names (#!) is missing"),
        ("EXEC:{tmp}/script: impossible de lancer {tmp}/script: Aucun fichier ou dossier de ce "
         "nom",
         "le programme que nomme sa première ligne (#!) n'existe pas")),
    Row("- EXEC:{tmp}/script,chroot=/", 1, "",
        ("EXEC:{tmp}/script,chroot=/: cannot make / the root directory: Operation not permitted",
         "only root may do that"),
        ("EXEC:{tmp}/script,chroot=/: impossible de faire de / le dossier racine: Opération non "
         "permise",
         "seul root peut faire cela"), user=True),
    # TCP and UDP
    Row("- TCP:127.0.0.1:{dead}", 1, "",
        ("TCP:127.0.0.1:{dead}: cannot connect to 127.0.0.1:{dead}: Connection refused",
         "nothing listens on port {dead} of 127.0.0.1; start the server first"),
        ("TCP:127.0.0.1:{dead}: impossible de se connecter à 127.0.0.1:{dead}: Connexion refusée",
         "rien n'écoute sur le port {dead} de 127.0.0.1 ; démarrer d'abord le serveur")),
    Row("- TCP:127.0.0.1:{waits}", 1, "",
        ("TCP:127.0.0.1:{waits}: cannot connect to 127.0.0.1:{waits}: Connection refused",
         "on port {waits} somebody waits for UDP: UDP:127.0.0.1:{waits}"),
        ("TCP:127.0.0.1:{waits}: impossible de se connecter à 127.0.0.1:{waits}: Connexion "
         "refusée",
         "sur le port {waits}, quelqu'un attend UDP : UDP:127.0.0.1:{waits}")),
    Row("TCP4-LISTEN:{taken},bind=127.0.0.1,reuseaddr=0 -", 1, "",
        ("TCP4-LISTEN:{taken},bind=127.0.0.1,reuseaddr=0: cannot bind 127.0.0.1:{taken}: Address "
         "already in use",
         "port {taken} is held by {me}; end that, or take another port"),
        ("TCP4-LISTEN:{taken},bind=127.0.0.1,reuseaddr=0: impossible de lier à l'adresse "
         "127.0.0.1:{taken} (bind): Adresse déjà utilisée",
         "le port {taken} est tenu par {me} ; arrêter celui-là, ou prendre un autre port")),
    Row("TCP4-LISTEN:81,bind=127.0.0.1 -", 1, "",
        ("TCP4-LISTEN:81,bind=127.0.0.1: cannot bind 127.0.0.1:81: Permission denied",
         "ports below 1024 are for root; take one from 1024 on"),
        ("TCP4-LISTEN:81,bind=127.0.0.1: impossible de lier à l'adresse 127.0.0.1:81 (bind): "
         "Permission non accordée",
         "les ports sous 1024 sont à root ; en prendre un à partir de 1024"), user=True),
    Row("TCP4-LISTEN:0,bind=192.0.2.1 -", 1, "",
        ("TCP4-LISTEN:0,bind=192.0.2.1: cannot bind 192.0.2.1:0: Cannot assign requested address",
         'no interface of this machine has the address 192.0.2.1; "ip address" lists them'),
        ("TCP4-LISTEN:0,bind=192.0.2.1: impossible de lier à l'adresse 192.0.2.1:0 (bind): "
         "Impossible d'attribuer l'adresse demandée",
         "aucune interface de cette machine n'a l'adresse 192.0.2.1 ; \"ip address\" en donne "
         "la liste")),
    Row("-u UDP4-RECV:{udp} -", 1, "",
        ("UDP4-RECV:{udp}: cannot bind 0.0.0.0:{udp}: Address already in use",
         "port {udp} is held by {me}; end that, or take another port"),
        ("UDP4-RECV:{udp}: impossible de lier à l'adresse 0.0.0.0:{udp} (bind): Adresse déjà "
         "utilisée",
         "le port {udp} est tenu par {me} ; arrêter celui-là, ou prendre un autre port")),
    Row("- TCP:127.0.0.1:{dead},bind=[::1]", 1, "",
        ("TCP:127.0.0.1:{dead},bind=[::1]: no bind address with matching address family",
         "bind and the host have to be both IPv4 or both IPv6"),
        ("TCP:127.0.0.1:{dead},bind=[::1]: aucune adresse de bind dans cette famille d'adresses",
         "bind et l'hôte doivent être tous deux IPv4 ou tous deux IPv6")),
    Row("- TCP4:[::1]:80", 1, "",
        ("TCP4:[::1]:80: cannot look up ::1: Address family for hostname not supported",
         "::1 is an IPv6 address, and IPv4 is asked for"),
        ("TCP4:[::1]:80: impossible de trouver ::1 : Famille d'adresses non gérée pour ce nom "
         "d'hôte",
         "::1 est une adresse IPv6, et il est demandé IPv4")),
    Row("- TCP6:127.0.0.1:80", 1, "",
        ("TCP6:127.0.0.1:80: cannot look up 127.0.0.1: Address family for hostname not supported",
         "127.0.0.1 is an IPv4 address, and IPv6 is asked for"),
        ("TCP6:127.0.0.1:80: impossible de trouver 127.0.0.1 : Famille d'adresses non gérée pour "
         "ce nom d'hôte",
         "127.0.0.1 est une adresse IPv4, et il est demandé IPv6")),
    Row("- TCP:[fe80::1]:80", 1, "",
        ("TCP:[fe80::1]:80: cannot connect to [fe80::1]:80: Invalid argument",
         "a link-local address needs its interface: [fe80::1%eth0]"),
        ("TCP:[fe80::1]:80: impossible de se connecter à [fe80::1]:80: Argument invalide",
         "une adresse de lien local a besoin de son interface : [fe80::1%eth0]")),
    Row("- TCP:192.0.2.1:80", 1, "",
        ("TCP:192.0.2.1:80: cannot connect to 192.0.2.1:80: Network is unreachable",
         "this machine has no way to 192.0.2.1; is the network up?"),
        ("TCP:192.0.2.1:80: impossible de se connecter à 192.0.2.1:80: Le réseau n'est pas "
         "accessible",
         "cette machine n'a pas de chemin vers 192.0.2.1 ; le réseau "
         "fonctionne-t-il ?"), alone=True),
    Row("- TCP:127.0.0.1:{full},connect-timeout=100ms", 1, "",
        ("TCP:127.0.0.1:{full},connect-timeout=100ms: cannot connect to 127.0.0.1:{full}: no "
         "answer within connect-timeout",
         "127.0.0.1 doesn't answer: it may be off, or a firewall drops what comes for port "
         "{full}"),
        ("TCP:127.0.0.1:{full},connect-timeout=100ms: impossible de se connecter à "
         "127.0.0.1:{full} : pas de réponse dans le délai de connect-timeout",
         "127.0.0.1 ne répond pas : la machine est peut-être éteinte, ou un pare-feu jette ce "
         "qui vient pour le port {full}")),
    Row("-u OPEN:{tmp}/notes UDP-DATAGRAM:192.0.2.1:80", 1, "",
        ("UDP-DATAGRAM:192.0.2.1:80: cannot write: Network is unreachable",
         "this machine has no way there; is the network up?"),
        ("UDP-DATAGRAM:192.0.2.1:80: impossible d'écrire: Le réseau n'est pas accessible",
         "cette machine n'a pas de chemin vers là ; le réseau fonctionne-t-il ?"), alone=True),
    Row("- TCP:224.0.0.1:80", 1, "",
        ("TCP:224.0.0.1:80: cannot connect to 224.0.0.1:80: Network is unreachable",
         "a connection leads to one host; UDP-DATAGRAM reaches the group 224.0.0.1"),
        ("TCP:224.0.0.1:80: impossible de se connecter à 224.0.0.1:80: Le réseau n'est pas "
         "accessible",
         "une connexion mène à un seul hôte ; UDP-DATAGRAM atteint le groupe 224.0.0.1")),
    Row("- TCP:localhost:{dead},numeric", 2, "localhost",
        ('"localhost" is a name, and option numeric allows only numbers', ""),
        ("\"localhost\" est un nom, et l'option numeric ne permet que des nombres", "")),
    # TLS
    Row("- TCP:localhost:{dead},cafile=x", 2, "cafile",
        ("option 'cafile' is not supported with this address type",
         "cafile belongs to TLS, which TCP-CONNECT doesn't speak"),
        ("l'option 'cafile' ne convient pas à ce type d'adresse",
         "cafile est une option de TLS, que TCP-CONNECT ne parle pas")),
    Row("- OPENSSL:localhost:{dead},min-version=TLS9", 2, "TLS9",
        ("option 'min-version' has the bad value 'TLS9': a version such as TLS1.2 or DTLS1.2 is needed", ""),
        ("l'option 'min-version' a la mauvaise valeur 'TLS9' : il faut une version telle que TLS1.2 ou DTLS1.2",
         "")),
    Row("- OPENSSL:localhost:{dead},cafile={tmp}/nots", 1, "",
        ("OPENSSL:localhost:{dead},cafile={tmp}/nots: cannot use the certificates in {tmp}/nots: "
         "No such file or directory", "did you mean {tmp}/notes?"),
        ("OPENSSL:localhost:{dead},cafile={tmp}/nots: impossible d'utiliser les certificats de {tmp}/nots: "
         "Aucun fichier ou dossier de ce nom", "vouliez-vous dire {tmp}/notes ?")),
    Row("- OPENSSL-LISTEN:0,cert={tmp}/notes", 1, "",
        ("OPENSSL-LISTEN:0,cert={tmp}/notes: cannot use the certificate in {tmp}/notes: "
         "it has no such part in PEM form (-----BEGIN ...)", ""),
        ("OPENSSL-LISTEN:0,cert={tmp}/notes: impossible d'utiliser le certificat de {tmp}/notes : "
         "rien de tel n'y est sous forme PEM (-----BEGIN ...)", "")),
    Row("- OPENSSL:127.0.0.1:{dead}", 1, "",
        ("OPENSSL:127.0.0.1:{dead}: cannot connect to 127.0.0.1:{dead}: Connection refused",
         "nothing listens on port {dead} of 127.0.0.1; start the server first"),
        ("OPENSSL:127.0.0.1:{dead}: impossible de se connecter à 127.0.0.1:{dead}: Connexion refusée",
         "rien n'écoute sur le port {dead} de 127.0.0.1 ; démarrer d'abord le serveur")),
    Row("- OPENSSL:127.0.0.1:{taken},handshake-timeout=0.1", 1, "",
        ("OPENSSL:127.0.0.1:{taken},handshake-timeout=0.1: the TLS handshake failed: "
         "no answer within handshake-timeout", "it may not speak TLS, or not yet; is it the right port?"),
        ("OPENSSL:127.0.0.1:{taken},handshake-timeout=0.1: la poignée de main TLS a échoué : "
         "pas de réponse dans le délai de handshake-timeout",
         "il ne parle peut-être pas TLS, ou pas encore ; est-ce le bon port ?")),
    Row("- OPENSSL:127.0.0.1:{plain}", 1, "",
        ("OPENSSL:127.0.0.1:{plain}: the TLS handshake failed: the other side doesn't speak TLS",
         "is it the right port? TCP instead of OPENSSL speaks to it without TLS"),
        ("OPENSSL:127.0.0.1:{plain}: la poignée de main TLS a échoué : l'autre côté ne parle pas TLS",
         "est-ce le bon port ? TCP au lieu d'OPENSSL lui parle sans TLS")),
    Row("- TCP4:127.0.0.1:{dead},bindtodevice=lp", 1, "",
        ("TCP4:127.0.0.1:{dead},bindtodevice=lp: bindtodevice=lp: cannot set SO_BINDTODEVICE: No "
         "such device",
         "did you mean lo?"),
        ("TCP4:127.0.0.1:{dead},bindtodevice=lp: bindtodevice=lp: impossible de régler "
         "SO_BINDTODEVICE: Aucun périphérique de ce type",
         "vouliez-vous dire lo ?")),
    Row("-u -b 100000 OPEN:{tmp}/big UDP:127.0.0.1:{udp}", 1, "",
        ("UDP:127.0.0.1:{udp}: cannot write: Message too long",
         "each block is one packet; -b 1400 makes smaller ones"),
        ("UDP:127.0.0.1:{udp}: impossible d'écrire: Message trop long",
         "chaque bloc est un paquet ; -b 1400 en fait de plus petits")),
    # UNIX sockets
    Row("- UNIX:{tmp}/none", 1, "",
        ("UNIX:{tmp}/none: cannot connect to {tmp}/none: No such file or directory",
         "there is no such file; start the server first"),
        ("UNIX:{tmp}/none: impossible de se connecter à {tmp}/none: Aucun fichier ou dossier de "
         "ce nom",
         "ce fichier n'existe pas ; démarrer d'abord le serveur")),
    Row("- UNIX:{tmp}/stael", 1, "",
        ("UNIX:{tmp}/stael: cannot connect to {tmp}/stael: No such file or directory",
         "did you mean {tmp}/stale?"),
        ("UNIX:{tmp}/stael: impossible de se connecter à {tmp}/stael: Aucun fichier ou dossier "
         "de ce nom",
         "vouliez-vous dire {tmp}/stale ?")),
    Row("- UNIX:{tmp}/none/s", 1, "",
        ("UNIX:{tmp}/none/s: cannot connect to {tmp}/none/s: No such file or directory",
         "the folder {tmp}/none does not exist"),
        ("UNIX:{tmp}/none/s: impossible de se connecter à {tmp}/none/s: Aucun fichier ou dossier "
         "de ce nom",
         "le dossier {tmp}/none n'existe pas")),
    Row("- UNIX:{tmp}/stale", 1, "",
        ("UNIX:{tmp}/stale: cannot connect to {tmp}/stale: Connection refused",
         "nobody listens there any more; the file is left over from a server that has ended"),
        ("UNIX:{tmp}/stale: impossible de se connecter à {tmp}/stale: Connexion refusée",
         "plus personne n'écoute là ; le fichier est le reste d'un serveur terminé")),
    Row("- UNIX:{tmp}/notes", 1, "",
        ("UNIX:{tmp}/notes: cannot connect to {tmp}/notes: Connection refused",
         "that is no socket; OPEN:{tmp}/notes opens it"),
        ("UNIX:{tmp}/notes: impossible de se connecter à {tmp}/notes: Connexion refusée",
         "ce n'est pas une socket ; OPEN:{tmp}/notes l'ouvre")),
    Row("- UNIX:{tmp}", 1, "",
        ("UNIX:{tmp}: cannot connect to {tmp}: Connection refused",
         "that is a folder; name a socket in it"),
        ("UNIX:{tmp}: impossible de se connecter à {tmp}: Connexion refusée",
         "c'est un dossier ; nommer une socket qui s'y trouve")),
    Row("- ABSTRACT:nobody-{dead}", 1, "",
        ("ABSTRACT:nobody-{dead}: cannot connect to @nobody-{dead}: Connection refused",
         "nobody listens under that name; start the server first"),
        ("ABSTRACT:nobody-{dead}: impossible de se connecter à @nobody-{dead}: Connexion refusée",
         "personne n'écoute sous ce nom ; démarrer d'abord le serveur")),
    Row("UNIX-LISTEN:{tmp}/stale -", 1, "",
        ('UNIX-LISTEN:{tmp}/stale: "{tmp}/stale" exists',
         "if no program uses it any more, remove it or add the option unlink-early"),
        ('UNIX-LISTEN:{tmp}/stale: "{tmp}/stale" existe',
         "si plus aucun programme ne l'utilise, le supprimer ou ajouter l'option unlink-early")),
    Row("UNIX-LISTEN:{tmp}/none/s -", 1, "",
        ("UNIX-LISTEN:{tmp}/none/s: cannot bind {tmp}/none/s: No such file or directory",
         "the folder {tmp}/none does not exist"),
        ("UNIX-LISTEN:{tmp}/none/s: impossible de lier à l'adresse {tmp}/none/s (bind): Aucun "
         "fichier ou dossier de ce nom",
         "le dossier {tmp}/none n'existe pas")),
    Row("-u - UNIX-SENDTO:{tmp}/none", 1, "",
        ("UNIX-SENDTO:{tmp}/none: cannot write: No such file or directory",
         "nobody receives there; start the receiver first"),
        ("UNIX-SENDTO:{tmp}/none: impossible d'écrire: Aucun fichier ou dossier de ce nom",
         "personne n'y reçoit ; démarrer d'abord le récepteur"), input=1),
]


def greet(server):
    """A server that says something to whoever comes, until its socket is shut down."""
    while True:
        try:
            peer = server.accept()[0]
        except OSError:
            return
        with peer:
            peer.sendall(b"220 bonjour\r\n")
            peer.recv(1000)


@pytest.fixture
def facts(tmp):
    """What the situations need: files, sockets, a socket of nobody, ports in use and a free one."""
    (tmp / "notes").write_text("rien\n")
    (tmp / "big").write_bytes(bytes(100000))
    (tmp / "tools").mkdir()
    (tmp / "tools" / "editor").touch(0o755)
    (tmp / "script").write_text("#!/no/such/interpreter\n")
    (tmp / "script").chmod(0o755)
    (tmp / "secret").touch(0o600)
    os.mkfifo(tmp / "fifo")
    unix_server(tmp / "stale").close()
    taken = tcp_server()
    udp, both = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    udp.bind(("0.0.0.0", 0))
    both.bind(("127.0.0.1", 0))
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    plain = tcp_server()
    threading.Thread(target=greet, args=[plain], daemon=True).start()
    waiting = [socket.socket() for _ in range(4)]
    for peer in waiting:
        peer.setblocking(False)
        peer.connect_ex(full.getsockname())
    yield {
        "tmp": tmp,
        "dead": dead_port(),
        "taken": name_of(taken).rpartition(":")[2],
        "udp": udp.getsockname()[1],
        "full": full.getsockname()[1],
        "plain": plain.getsockname()[1],
        "waits": both.getsockname()[1],
        "me": f"{Path('/proc/self/comm').read_text().strip()} ({os.getpid()})",
        "long": "x" * 120,
    }
    plain.shutdown(socket.SHUT_RDWR)
    for server in (taken, udp, both, full, plain, *waiting):
        server.close()


def left(folder):
    """What is in a folder: names, kinds, times of change."""
    return sorted((str(path), path.lstat().st_mode, path.lstat().st_mtime_ns)
                  for path in folder.rglob("*"))


def expected(row, words, facts, language, terminal):
    """The lines that a row is answered with."""
    message, hint = (text.format(**facts) for text in getattr(row, language))
    lines = ["nettool: " + message]
    if row.mark:
        piece = row.mark.format(**facts)
        word = next(word for word in words if piece in word)
        lines.append("  " + word)
        lines.append(f"  {' ' * word.index(piece)}{'^' * len(piece)} {hint}".rstrip())
    elif hint and terminal:
        lines.append(f"  {'conseil :' if language == 'french' else 'hint:'} {hint}")
    return lines


def prepared(nettool, row, facts):
    """The words of a row, and how to start them."""
    words = [word.format(**facts) for word in shlex.split(row.line)]
    more = {}
    if row.user:
        if not ROOT:
            pytest.skip("only root may become somebody else")
        # who is somebody else has to reach the program
        shutil.copy(tools.NETTOOL, facts["tmp"] / "tools" / "nettool")
        if is_translated():
            shutil.copytree(LOCALE, facts["tmp"] / "tools" / "locale")
        facts["tmp"].chmod(0o755)
        nettool.program = [str(facts["tmp"] / "tools" / "nettool")]
        more = {"user": NOBODY, "group": NOBODY, "extra_groups": [],
                "env": {"NETTOOL_LOCALEDIR": facts["tmp"] / "tools" / "locale"}}
    if row.alone:
        if not ROOT or shutil.which("unshare") is None:
            pytest.skip("only root may leave the network")
        nettool.program = ["unshare", "-n", *nettool.program]
    if row.line.startswith("TCP4-LISTEN:81"):
        limit = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
        if limit.exists() and int(limit.read_text()) <= 81:
            pytest.skip("here every port is for everybody")
    if re.search("OPENSSL|cafile|https", row.line) and not is_built_in("OPENSSL"):
        pytest.skip("built without OpenSSL")
    if "[" in row.line and not Path("/proc/net/if_inet6").exists():
        pytest.skip("no IPv6 here")
    return words, more


def at_terminal(nettool, row, facts, language, env):
    """Runs a row at a terminal and compares every line."""
    words, more = prepared(nettool, row, facts)
    more["env"] = {"NO_COLOR": "1", **env, **more.get("env", {})}
    before = left(facts["tmp"])
    window = Window(columns=300)
    if row.input < 0:
        process = window.start(nettool, *words, stderr=window.slave, **more)
    else:
        process = nettool.start(*words, stderr=window.slave, **more)
        process.send(bytes(row.input))
        process.end_input()
    assert process.wait().status == row.status
    window.pump()
    text = bytes(window.text).decode().replace("\r\n", "\n")
    window.close()
    lines = text.splitlines()
    assert not row.listens or "tcp 127.0.0.1:" in lines.pop(0)
    assert lines == expected(row, words, facts, language, True)
    assert left(facts["tmp"]) == before


situations = pytest.mark.parametrize("row", SITUATIONS, ids=[row.line for row in SITUATIONS])


@situations
def test_english(nettool, facts, row):
    at_terminal(nettool, row, facts, "english", {})


@needs_root
def test_a_host_that_is_nearly_right(nettool):
    """How a lookup fails depends on the machine; the hint doesn't."""
    if shutil.which("unshare") is None or "localhost" not in Path("/etc/hosts").read_text():
        pytest.skip("no unshare, or a machine without localhost")
    nettool.program = ["unshare", "-n", *nettool.program]
    window = Window(columns=300)
    process = window.start(nettool, "-", "TCP:locahost:80", stderr=window.slave,
                           env={"NO_COLOR": "1"})
    assert process.wait().status == 1
    window.pump()
    assert window.screen.startswith("nettool: TCP:locahost:80: cannot look up locahost: ")
    assert window.screen.splitlines()[1:] == ["  hint: did you mean localhost?"]
    window.close()


def is_built_in(feature):
    said = subprocess.run([tools.NETTOOL, "-V"], capture_output=True, text=True, check=False)
    return feature in said.stdout.partition("built in:")[2].split()


def is_translated():
    return is_built_in("NLS") and (LOCALE / "fr").exists()


@pytest.mark.skipif(not is_translated(), reason="built without translations")
@situations
def test_french(nettool, facts, row):
    at_terminal(nettool, row, facts, "french",
                {"LC_ALL": "fr_FR.UTF-8", "NETTOOL_LOCALEDIR": LOCALE})


@situations
def test_without_a_terminal(nettool, facts, row):
    """Whoever reads from a pipe gets the message and the place, and no line with a hint."""
    words, more = prepared(nettool, row, facts)
    before = left(facts["tmp"])
    result = nettool(*words, input=bytes(max(row.input, 0)), **more)
    assert result.status == row.status
    assert result.out == b""
    assert result.text.splitlines() == expected(row, words, facts, "english", False)
    assert left(facts["tmp"]) == before


@pytest.mark.parametrize("words", [("--check", "OPEN:\x1b]0;x\x07,rdonly", "-"),
                                   ("--complete", "OPEN:"), ("--complete", "-u", "OPEN:na")])
def test_what_is_printed_is_not_obeyed(nettool, tmp, words):
    """Names from elsewhere are shown at a terminal; a program gets them as they are."""
    (tmp / "na\x1b[31mme").touch()
    window = Window(columns=300)
    assert window.start(nettool, *words).wait().status == 0
    window.pump()
    assert b"\\x1b" in window.text and b"\x1b" not in window.text
    window.close()
    assert b"\x1b" in nettool(*words).out


# ---- who is trusted ------------------------------------------------------------------------------


def trust(address, english, french, hint=("", "")):
    """A row about certificates: what is said stands behind the address."""
    return Row(f"- {address}", 1, "", (f"{address}: {english}", hint[0]), (f"{address}: {french}", hint[1]),
               listens="LISTEN" in address)


UNTRUSTED = "cannot trust the other side: ", "impossible de faire confiance à l'autre côté : "
BROKEN = "the TLS connection failed: ", "la connexion TLS a échoué : "
SHAKING = "the TLS handshake failed: ", "la poignée de main TLS a échoué : "
CAFILE = ("cafile=FILE trusts the certificates in that file, verify=0 anybody",
          "cafile=FICHIER fait confiance aux certificats de ce fichier, verify=0 à n'importe qui")
CLOCK = ("is our clock right? verify=0 takes it all the same, and anybody's",
         "notre horloge est-elle à l'heure ? verify=0 l'accepte quand même, comme celui de n'importe qui")
COMMON = ("commonname=NAME expects another name, commonname= takes any",
          "commonname=NOM attend un autre nom, commonname= les accepte tous")

# The ports are those of servers that show the certificate of that name.
TRUST = [
    trust("OPENSSL:localhost:{server}", UNTRUSTED[0] + "its certificate comes from an issuer we don't know",
          UNTRUSTED[1] + "son certificat vient d'un émetteur inconnu", CAFILE),
    trust("OPENSSL:localhost:{alone},cafile={ca}/root.crt",
          UNTRUSTED[0] + "its certificate is signed by nobody but itself",
          UNTRUSTED[1] + "son certificat n'est signé que par lui-même", CAFILE),
    trust("OPENSSL:localhost:{expired},cafile={ca}/root.crt", UNTRUSTED[0] + "its certificate has expired",
          UNTRUSTED[1] + "son certificat a expiré", CLOCK),
    trust("OPENSSL:localhost:{future},cafile={ca}/root.crt", UNTRUSTED[0] + "its certificate isn't valid yet",
          UNTRUSTED[1] + "son certificat n'est pas encore valable", CLOCK),
    trust("OPENSSL:localhost:{other},cafile={ca}/root.crt",
          UNTRUSTED[0] + "its certificate is for other.example, not for localhost",
          UNTRUSTED[1] + "son certificat est pour other.example, et non pour localhost", COMMON),
    trust("OPENSSL:localhost:{address},cafile={ca}/root.crt",
          UNTRUSTED[0] + "its certificate isn't for localhost",
          UNTRUSTED[1] + "son certificat n'est pas pour localhost", COMMON),
    trust("OPENSSL:localhost:{revoked},cafile={ca}/with_list.crt",
          UNTRUSTED[0] + "its certificate has been revoked", UNTRUSTED[1] + "son certificat a été révoqué"),
    trust("OPENSSL:localhost:{visitor},cafile={ca}/root.crt,commonname=",
          UNTRUSTED[0] + "its certificate is meant for another purpose",
          UNTRUSTED[1] + "son certificat est destiné à un autre usage"),
    # servers that want to know who we are
    trust("OPENSSL:localhost:{strict},cafile={ca}/root.crt",
          BROKEN[0] + "the other side wants a certificate of us",
          BROKEN[1] + "l'autre côté veut un certificat de notre part",
          ("option cert names a file with our certificate and its key",
           "l'option cert nomme un fichier avec notre certificat et sa clé")),
    trust("OPENSSL:localhost:{strict},cafile={ca}/root.crt,cert={ca}/alone.pem",
          BROKEN[0] + "the other side doesn't trust our certificate",
          BROKEN[1] + "l'autre côté ne fait pas confiance à notre certificat",
          ("there, cafile has to name who has signed ours; or verify=0",
           "là-bas, cafile doit nommer qui a signé le nôtre ; ou bien verify=0")),
    trust("OPENSSL:localhost:{strict},cafile={ca}/root.crt,cert={ca}/expired.pem",
          BROKEN[0] + "the other side finds that our certificate has expired",
          BROKEN[1] + "l'autre côté trouve que notre certificat a expiré"),
    trust("OPENSSL:localhost:{old},cafile={ca}/root.crt,min-version=TLS1.3",
          SHAKING[0] + "we have no version of TLS in common",
          SHAKING[1] + "les deux côtés n'ont aucune version de TLS en commun",
          ("options min-version and max-version say which ones are spoken",
           "les options min-version et max-version disent lesquelles sont parlées")),
    # our own
    trust("OPENSSL:localhost:{server},cert={ca}/server.crt",
          "cannot use the key in {ca}/server.crt: it has no such part in PEM form (-----BEGIN ...)",
          "impossible d'utiliser la clé de {ca}/server.crt : rien de tel n'y est sous forme PEM "
          "(-----BEGIN ...)",
          ("option key names the file that has the key", "l'option key nomme le fichier où est la clé")),
    trust("OPENSSL:localhost:{server},cert={ca}/server.crt,key={ca}/client.key",
          "the key in {ca}/client.key does not belong to the certificate in {ca}/server.crt",
          "la clé de {ca}/client.key ne va pas avec le certificat de {ca}/server.crt"),
    # a server of ours, and somebody who comes without a certificate
    trust("OPENSSL-LISTEN:{ours},bind=127.0.0.1,cert={ca}/server.pem,cafile={ca}/root.crt",
          SHAKING[0] + "the client has shown no certificate",
          SHAKING[1] + "le client n'a montré aucun certificat",
          ("verify=0 lets in clients without one; a client shows its own by option cert",
           "verify=0 laisse entrer les clients qui n'en ont pas ; un client montre le sien par l'option cert")),
]


def show(server, context):
    """Shakes hands with whoever comes, until its socket is shut down."""
    while True:
        try:
            peer = server.accept()[0]
        except OSError:
            return
        with peer:
            try:
                certificates.Speaker(peer, context, server=True).recv()
            except OSError:
                pass


def call(port, over):
    """Calls a server as soon as it is there, without a certificate, and hears it out."""
    while not over.is_set():
        try:
            with socket.create_connection(("127.0.0.1", port), tools.DEADLINE) as peer:
                certificates.Speaker(peer, certificates.client_context()).recv()
            return
        except ConnectionRefusedError:
            over.wait(0.01)
        except OSError:
            return


@pytest.fixture(scope="module")
def certified():
    """Servers with certificates of all kinds: {name: port}."""
    made = certificates.authority()
    kinds = {"strict": ("server", made.root), "old": ("server",)}
    servers, ports = [], {"ca": made.folder}
    for name in ("server", "alone", "expired", "future", "other", "address", "revoked", "visitor", *kinds):
        context = certificates.server_context(*kinds.get(name, (name,)))
        if name == "old":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        server = tcp_server()
        server.settimeout(None)
        threading.Thread(target=show, args=[server, context], daemon=True).start()
        servers.append(server)
        ports[name] = server.getsockname()[1]
    yield ports
    for server in servers:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


@pytest.fixture
def trusted(certified, tmp, row):
    """What the rows about certificates need; for a server of ours somebody calls it."""
    facts = {**certified, "tmp": tmp, "ours": free_port()}
    over = threading.Event()
    caller = threading.Thread(target=call, args=[facts["ours"], over], daemon=True)
    if "{ours}" in row.line:
        caller.start()
    yield facts
    over.set()
    if "{ours}" in row.line:
        caller.join(tools.DEADLINE)


trusts = pytest.mark.parametrize("row", TRUST, ids=[row.line for row in TRUST])
NOBODY_TRUSTED = {"SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": "/"}


@trusts
def test_trust_in_english(nettool, trusted, row):
    at_terminal(nettool, row, trusted, "english", NOBODY_TRUSTED)


@pytest.mark.skipif(not is_translated(), reason="built without translations")
@trusts
def test_trust_in_french(nettool, trusted, row):
    at_terminal(nettool, row, trusted, "french",
                {"LC_ALL": "fr_FR.UTF-8", "NETTOOL_LOCALEDIR": LOCALE, **NOBODY_TRUSTED})


# ---- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value, size", [("1k", 1000), ("1Ki", 1024), ("1.5k", 1500), ("0x10", 16),
                                         ("7", 7)])
def test_units_of_options(nettool, facts, value, size):
    result = nettool("-u", f"OPEN:{facts['tmp']}/big,readbytes={value}", "STDOUT")
    assert (result.status, len(result.out), result.err) == (0, size, b"")


def test_socat_knows_no_units(nettool, facts):
    result = nettool("socat", "-u", f"OPEN:{facts['tmp']}/big,readbytes=1k", "STDOUT")
    assert result.status == 1 and result.out == b""
    assert result.text.rstrip().endswith('trailing garbage "k" behind the number')
