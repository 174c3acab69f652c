;; The first byte of a text that does not stand for itself in a JSON string (RFC 8259 section 7): below 0x20, a quote or a backslash.
;; JavaScript has no instructions for sixteen bytes at once. `npm run wasm` assembles this into plain-text-module.ts.
(module
  ;; One page. The text is copied to its beginning.
  (memory (export "memory") 1)

  ;; Where that byte is in the first $end bytes, or how many of them were looked at: all but the last 15 at most.
  (func (export "find") (param $end i32) (result i32)
    (local $at i32)
    (local $text v128)
    (local $found v128)
    (block $near
      (loop $wide
        (br_if $near (i32.gt_u (i32.add (local.get $at) (i32.const 32)) (local.get $end)))
        (local.set $text (v128.load (local.get $at)))
        (local.set $found
          (v128.or
            (i8x16.eq (local.get $text) (i8x16.min_u (local.get $text) (i8x16.splat (i32.const 0x1f))))
            (v128.or
              (i8x16.eq (local.get $text) (i8x16.splat (i32.const 0x22)))
              (i8x16.eq (local.get $text) (i8x16.splat (i32.const 0x5c))))))
        (local.set $text (v128.load offset=16 (local.get $at)))
        (br_if $near
          (v128.any_true
            (v128.or
              (v128.or (local.get $found)
                (i8x16.eq (local.get $text) (i8x16.min_u (local.get $text) (i8x16.splat (i32.const 0x1f)))))
              (v128.or
                (i8x16.eq (local.get $text) (i8x16.splat (i32.const 0x22)))
                (i8x16.eq (local.get $text) (i8x16.splat (i32.const 0x5c)))))))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (br $wide)))
    ;; The last 32 bytes, or those in which the byte is.
    (loop $narrow
      (if (i32.le_u (i32.add (local.get $at) (i32.const 16)) (local.get $end))
        (then
          (local.set $text (v128.load (local.get $at)))
          (local.set $found
            (v128.or
              (i8x16.eq (local.get $text) (i8x16.min_u (local.get $text) (i8x16.splat (i32.const 0x1f))))
              (v128.or
                (i8x16.eq (local.get $text) (i8x16.splat (i32.const 0x22)))
                (i8x16.eq (local.get $text) (i8x16.splat (i32.const 0x5c))))))
          (if (v128.any_true (local.get $found))
            (then (return (i32.add (local.get $at) (i32.ctz (i8x16.bitmask (local.get $found)))))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $narrow))))
    (local.get $at))
)
