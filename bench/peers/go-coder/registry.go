package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// A server-id. Its binary stays in the table while its grace period runs.
type server struct {
	binary *websocket.Conn
	grace  *time.Timer
	phones map[string]*phone
}

type relay struct {
	mu           sync.Mutex
	servers      map[string]*server
	maxPhones    int
	graceTime    time.Duration
	probeTimeout time.Duration
}

// claim returns false if another binary holds the server-id and answers a ping.
func (r *relay) claim(conn *websocket.Conn, id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.servers[id]
	if s != nil && s.grace == nil {
		holder := s.binary
		r.mu.Unlock()
		err := ping(holder, r.probeTimeout)
		r.mu.Lock()
		s = r.servers[id]
		if err == nil || (s != nil && s.binary != holder) {
			return false
		}
		go holder.Close(websocket.StatusInternalError, "heartbeat timeout")
	}
	if s != nil {
		if s.grace != nil {
			s.grace.Stop()
		}
		evict(s.phones, 4404, "binary reclaimed server-id")
	}
	r.servers[id] = &server{binary: conn, phones: map[string]*phone{}}
	return true
}

func evict(phones map[string]*phone, code websocket.StatusCode, reason string) {
	for _, p := range phones {
		go p.conn.Close(code, reason)
	}
}

func (r *relay) release(conn *websocket.Conn, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.servers[id]
	if s == nil || s.binary != conn {
		return
	}
	s.grace = time.AfterFunc(r.graceTime, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.servers[id] != s {
			return
		}
		delete(r.servers, id)
		evict(s.phones, websocket.StatusNormalClosure, "")
	})
}

func (r *relay) serveBinary(ctx context.Context, conn *websocket.Conn, id string) {
	if !r.claim(conn, id) {
		conn.Close(4409, "server-id already claimed")
		return
	}
	defer conn.Close(websocket.StatusNormalClosure, "")
	defer r.release(conn, id)
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var e envelope
		if json.Unmarshal(message, &e) != nil || e.ConnID == "" {
			continue
		}
		r.mu.Lock()
		var p *phone
		if s := r.servers[id]; s != nil && s.binary == conn {
			p = s.phones[e.ConnID]
		}
		r.mu.Unlock()
		if p != nil {
			p.enqueue(e)
		}
	}
}

// register returns the close that a refused phone gets instead.
func (r *relay) register(p *phone, id string) (websocket.StatusCode, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.servers[id]
	if s == nil {
		return 4404, "no server with that id"
	}
	if len(s.phones) >= r.maxPhones {
		return 4429, "too many phones for server-id"
	}
	p.server = s
	s.phones[p.id] = p
	return 0, ""
}

func (r *relay) servePhone(ctx context.Context, conn *websocket.Conn, id string) {
	var random [4]byte
	rand.Read(random[:])
	p := &phone{id: "client-" + id + "-" + hex.EncodeToString(random[:]), conn: conn, wake: make(chan struct{}, 1)}
	if code, reason := r.register(p, id); code != 0 {
		conn.Close(code, reason)
		return
	}
	go p.writeOut(ctx)
	code := p.forward(ctx, r)
	r.mu.Lock()
	isCurrent := r.servers[id] == p.server
	delete(p.server.phones, p.id)
	r.mu.Unlock()
	if isCurrent && !p.isDirected() {
		if notice, err := json.Marshal(envelope{ConnID: p.id, CloseCode: uint16(code)}); err == nil {
			write(p.server.binary, notice)
		}
	}
	conn.Close(websocket.StatusNormalClosure, "")
}
