# Runs a server until its parent is gone, then ends it and removes its folder.
# $1 is the folder, the rest is the server's command line. The parent holds the other end of standard input. A line `crash` kills the
# server as a failing machine would, a line `start` runs it again on what it left; when the parent ends, however it ends, the input does.
folder=$1
shift
run() {
    "$@" </dev/null >/dev/null 2>&1 &
    server=$!
    echo "$server" >"$folder/server.pid"
}
crash() {
    kill -9 "$server" 2>/dev/null
    wait "$server" 2>/dev/null
}
run "$@"
while read -r word; do
    case $word in
        crash) crash ;;
        start) run "$@" ;;
    esac
done
crash
rm -rf -- "$folder"
