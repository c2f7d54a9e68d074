#!/bin/sh
# examples/bar.sh: takes orders, a line each, and notes them in orders.txt
echo "Le bar est ouvert. Une commande par ligne, puis fin."
count=0
while IFS= read -r order; do
	[ "$order" = fin ] && break
	echo "$(date +%H:%M) $order" >>orders.txt
	count=$((count + 1))
	echo "C'est noté : $order"
done
echo "$count commande(s). À tout de suite !"
