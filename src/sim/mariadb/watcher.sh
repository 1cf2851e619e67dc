# Runs a server until its parent is gone, then ends it and removes its folder.
# $1 is the folder, the rest is the server's command line. The parent holds the other end of standard input and never writes:
# when it ends, however it ends, `cat` sees the end of the file.
folder=$1
shift
"$@" </dev/null >/dev/null 2>&1 &
server=$!
echo "$server" >"$folder/server.pid"
cat >/dev/null
kill -9 "$server" 2>/dev/null
wait "$server" 2>/dev/null
rm -rf -- "$folder"
