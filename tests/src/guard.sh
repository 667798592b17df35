# Runs one server for a test program and outlives it just long enough to clean up.
#
# Arguments: the folder to remove at the end (or "-"), the files that collect the
# server's output and errors, then the server's command. Orders come line by line on
# standard input and each is answered by one line. When standard input ends, however
# the test program ended, the server is killed.
folder=$1
output=$2
errors=$3
shift 3
server=

# A server whose files may not grow any more (prlimit) gets an error instead of this signal.
trap '' XFSZ

running() {
    /bin/true # an external command lets every shell notice a child that ended
    [ -n "$server" ] && kill -0 "$server" 2>/dev/null
}

reap() {
    [ -n "$server" ] || return
    kill -KILL "$server" 2>/dev/null
    wait "$server" 2>/dev/null
    status=$?
    server=
}

while read -r order argument; do
    case $order in
        start)
            "$@" </dev/null >>"$output" 2>>"$errors" &
            server=$!
            echo "$server"
            ;;
        signal)
            kill -s "$argument" "$server" 2>/dev/null
            echo "$argument"
            ;;
        alive)
            if running; then echo yes; else echo no; fi
            ;;
        kill)
            reap
            echo "$status"
            ;;
        await) # at most so many hundredths of a second
            while [ "$argument" -gt 0 ] && running; do
                sleep 0.01
                argument=$((argument - 1))
            done
            if running; then echo late; else reap && echo "$status"; fi
            ;;
    esac
done

reap
[ "$folder" = - ] || rm -rf "$folder"
