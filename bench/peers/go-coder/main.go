// Command go-coder is a relay as it is written in Go in a day: coder/websocket, encoding/json, a goroutine and a byte-bounded
// outbox for each phone. It keeps the wire of the Go profile of `pyrycode-relay conformance`. No TLS, limits, log or metrics.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/coder/websocket"
)

const (
	maxMessageBytes = 256 << 10
	writeTimeout    = 10 * time.Second
	heartbeat       = 30 * time.Second
)

type envelope struct {
	ConnID    string          `json:"conn_id"`
	Frame     json.RawMessage `json:"frame,omitempty"`
	CloseCode uint16          `json:"close_code,omitempty"`
}

// duration reads a setting from the environment, as the bench sets it for conformance.
func duration(name string, fallback time.Duration) time.Duration {
	if d, err := time.ParseDuration(os.Getenv(name)); err == nil {
		return d
	}
	return fallback
}

func write(conn *websocket.Conn, message []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, message)
}

func ping(conn *websocket.Conn, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return conn.Ping(ctx)
}

func keepAlive(ctx context.Context, conn *websocket.Conn) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if ping(conn, heartbeat) != nil {
				conn.Close(websocket.StatusInternalError, "heartbeat timeout")
				return
			}
		}
	}
}

var required = map[string]string{"/v1/server": "X-Pyrycode-Version", "/v1/client": "X-Pyrycode-Token"}

func (r *relay) upgrade(w http.ResponseWriter, request *http.Request) {
	header := required[request.URL.Path]
	id := request.Header.Get("X-Pyrycode-Server")
	if id == "" || request.Header.Get(header) == "" || request.Header.Get("User-Agent") == "" {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	conn, err := websocket.Accept(w, request, &websocket.AcceptOptions{OriginPatterns: []string{"*"}})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxMessageBytes)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go keepAlive(ctx, conn)
	if request.URL.Path == "/v1/server" {
		r.serveBinary(ctx, conn, id)
	} else {
		r.servePhone(ctx, conn, id)
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	maxPhones := 16
	fmt.Sscan(os.Getenv("MAX_PHONES"), &maxPhones)
	fmt.Printf(`{"msg":"starting","listen":"%s"}`+"\n", listener.Addr())
	r := &relay{
		servers:      map[string]*server{},
		maxPhones:    maxPhones,
		graceTime:    duration("GRACE", 30*time.Second),
		probeTimeout: duration("PROBE_TIMEOUT", 10*time.Second),
	}
	mux := http.NewServeMux()
	for path := range required {
		mux.HandleFunc(path, r.upgrade)
	}
	log.Fatal(http.Serve(listener, mux))
}
