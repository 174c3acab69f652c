package main

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/coder/websocket"
)

const (
	outboxBytes   = 4 << 20
	bytesPerFrame = 64
)

// A phone and its outbox. One goroutine reads it, one writes what its binary sends, so a slow phone holds up nobody.
type phone struct {
	id     string
	conn   *websocket.Conn
	server *server
	wake   chan struct{}

	mu       sync.Mutex
	queue    []envelope
	bytes    int
	isDead   bool
	directed bool
}

// forward sends what the phone says to its binary, and returns the code of its close notice.
func (p *phone) forward(ctx context.Context, r *relay) websocket.StatusCode {
	for {
		_, message, err := p.conn.Read(ctx)
		if err != nil {
			if code := websocket.CloseStatus(err); code != -1 {
				return code
			}
			return websocket.StatusGoingAway
		}
		// Fails for what is not JSON. An empty message is left out instead.
		wrapped, err := json.Marshal(envelope{ConnID: p.id, Frame: message})
		if err != nil || len(message) == 0 {
			return websocket.StatusGoingAway
		}
		if write(p.server.binary, wrapped) != nil {
			return websocket.StatusGoingAway
		}
	}
}

func (p *phone) isDirected() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.directed
}

func (p *phone) enqueue(e envelope) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isDead {
		return
	}
	if e.CloseCode != 0 {
		p.directed = true
	}
	cost := len(e.Frame) + bytesPerFrame
	if p.bytes+cost > outboxBytes {
		p.isDead = true
		p.queue = nil
		go p.conn.Close(websocket.StatusInternalError, "phone backlog full")
		return
	}
	p.bytes += cost
	p.queue = append(p.queue, e)
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// take empties the queue. What was taken is charged until `paid`.
func (p *phone) take() []envelope {
	p.mu.Lock()
	defer p.mu.Unlock()
	queue := p.queue
	p.queue = nil
	return queue
}

func (p *phone) paid(e envelope) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes -= len(e.Frame) + bytesPerFrame
}

func (p *phone) writeOut(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
		for _, e := range p.take() {
			if len(e.Frame) > 0 && string(e.Frame) != "null" {
				if write(p.conn, e.Frame) != nil {
					p.conn.Close(websocket.StatusInternalError, "phone write failed")
					return
				}
			}
			p.paid(e)
			if e.CloseCode != 0 {
				p.conn.Close(websocket.StatusCode(e.CloseCode), "")
				p.conn.CloseNow()
				return
			}
		}
	}
}
