;; Matrix products for tfjs' WASM backend, whose own loop for batched and transposed ones takes one number at a time.
;; Eight columns of B are laid out together; four rows by eight columns of the product are summed up in registers.
(module
  (import "tfjs" "memory" (memory 1))

  ;; out[z, i, j] = sum over l of a[z, i, l] * b[z, l, j]. Addresses and strides are in bytes, so that a transposed operand
  ;; is a matter of strides; `out` [batches, m, n] is dense. `scratch` has room for 8 * k numbers and 32 more.
  (func (export "multiply")
    (param $a i32) (param $b i32) (param $out i32) (param $scratch i32)
    (param $batches i32) (param $m i32) (param $k i32) (param $n i32)
    (param $aBatch i32) (param $aRow i32) (param $aColumn i32)
    (param $bBatch i32) (param $bRow i32) (param $bColumn i32)
    (local $tile i32) (local $width i32) (local $column i32) (local $row i32)
    (local.set $tile (i32.add (local.get $scratch) (i32.shl (local.get $k) (i32.const 5))))
    (local.set $width (i32.shl (local.get $n) (i32.const 2)))
    (loop $nextBatch
      (local.set $column (i32.const 0))
      (loop $nextColumns
        (call $gatherColumns
          (i32.add (local.get $b) (i32.mul (local.get $column) (local.get $bColumn)))
          (local.get $scratch)
          (local.get $k)
          (i32.sub (local.get $n) (local.get $column))
          (local.get $bRow) (local.get $bColumn))
        (local.set $row (i32.const 0))
        (loop $nextRows
          (call $sum
            (i32.add (local.get $a) (i32.mul (local.get $row) (local.get $aRow)))
            (local.get $scratch) (local.get $tile)
            (i32.sub (local.get $m) (local.get $row))
            (local.get $k) (local.get $aRow) (local.get $aColumn))
          (call $write
            (local.get $tile)
            (i32.add (local.get $out)
              (i32.add (i32.mul (local.get $row) (local.get $width)) (i32.shl (local.get $column) (i32.const 2))))
            (i32.sub (local.get $m) (local.get $row))
            (i32.sub (local.get $n) (local.get $column))
            (local.get $width))
          (br_if $nextRows
            (i32.lt_s (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $m))))
        (br_if $nextColumns
          (i32.lt_s (local.tee $column (i32.add (local.get $column) (i32.const 8))) (local.get $n))))
      (local.set $a (i32.add (local.get $a) (local.get $aBatch)))
      (local.set $b (i32.add (local.get $b) (local.get $bBatch)))
      (local.set $out (i32.add (local.get $out) (i32.mul (local.get $m) (local.get $width))))
      (br_if $nextBatch (local.tee $batches (i32.sub (local.get $batches) (i32.const 1))))))

  ;; Columns of B as [k, 8], with zeros for those that are not there.
  (func $gatherColumns
    (param $b i32) (param $to i32) (param $k i32) (param $columns i32) (param $bRow i32) (param $bColumn i32)
    (local $column i32)
    (loop $nextRow
      (if (i32.and (i32.ge_s (local.get $columns) (i32.const 8)) (i32.eq (local.get $bColumn) (i32.const 4)))
        (then
          (v128.store (local.get $to) (v128.load (local.get $b)))
          (v128.store offset=16 (local.get $to) (v128.load offset=16 (local.get $b))))
        (else
          (local.set $column (i32.const 0))
          (loop $nextColumn
            (f32.store (i32.add (local.get $to) (i32.shl (local.get $column) (i32.const 2)))
              (if (result f32) (i32.lt_s (local.get $column) (local.get $columns))
                (then (f32.load (i32.add (local.get $b) (i32.mul (local.get $column) (local.get $bColumn)))))
                (else (f32.const 0))))
            (br_if $nextColumn
              (i32.lt_s (local.tee $column (i32.add (local.get $column) (i32.const 1))) (i32.const 8))))))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (local.set $b (i32.add (local.get $b) (local.get $bRow)))
      (br_if $nextRow (local.tee $k (i32.sub (local.get $k) (i32.const 1))))))

  ;; Four rows of A times eight columns of B. For rows that are not there the first is taken.
  (func $sum
    (param $a0 i32) (param $b i32) (param $tile i32)
    (param $rows i32) (param $k i32) (param $aRow i32) (param $aColumn i32)
    (local $a1 i32) (local $a2 i32) (local $a3 i32) (local $at i32)
    (local $b0 v128) (local $b1 v128) (local $x v128)
    (local $s00 v128) (local $s01 v128) (local $s10 v128) (local $s11 v128)
    (local $s20 v128) (local $s21 v128) (local $s30 v128) (local $s31 v128)
    (local.set $a1 (select (i32.add (local.get $a0) (local.get $aRow)) (local.get $a0)
      (i32.gt_s (local.get $rows) (i32.const 1))))
    (local.set $a2 (select (i32.add (local.get $a1) (local.get $aRow)) (local.get $a0)
      (i32.gt_s (local.get $rows) (i32.const 2))))
    (local.set $a3 (select (i32.add (local.get $a2) (local.get $aRow)) (local.get $a0)
      (i32.gt_s (local.get $rows) (i32.const 3))))
    (loop $nextTerm
      (local.set $b0 (v128.load (local.get $b)))
      (local.set $b1 (v128.load offset=16 (local.get $b)))
      (local.set $x (v128.load32_splat (i32.add (local.get $a0) (local.get $at))))
      (local.set $s00 (f32x4.add (local.get $s00) (f32x4.mul (local.get $x) (local.get $b0))))
      (local.set $s01 (f32x4.add (local.get $s01) (f32x4.mul (local.get $x) (local.get $b1))))
      (local.set $x (v128.load32_splat (i32.add (local.get $a1) (local.get $at))))
      (local.set $s10 (f32x4.add (local.get $s10) (f32x4.mul (local.get $x) (local.get $b0))))
      (local.set $s11 (f32x4.add (local.get $s11) (f32x4.mul (local.get $x) (local.get $b1))))
      (local.set $x (v128.load32_splat (i32.add (local.get $a2) (local.get $at))))
      (local.set $s20 (f32x4.add (local.get $s20) (f32x4.mul (local.get $x) (local.get $b0))))
      (local.set $s21 (f32x4.add (local.get $s21) (f32x4.mul (local.get $x) (local.get $b1))))
      (local.set $x (v128.load32_splat (i32.add (local.get $a3) (local.get $at))))
      (local.set $s30 (f32x4.add (local.get $s30) (f32x4.mul (local.get $x) (local.get $b0))))
      (local.set $s31 (f32x4.add (local.get $s31) (f32x4.mul (local.get $x) (local.get $b1))))
      (local.set $b (i32.add (local.get $b) (i32.const 32)))
      (local.set $at (i32.add (local.get $at) (local.get $aColumn)))
      (br_if $nextTerm (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
    (v128.store (local.get $tile) (local.get $s00)) (v128.store offset=16 (local.get $tile) (local.get $s01))
    (v128.store offset=32 (local.get $tile) (local.get $s10)) (v128.store offset=48 (local.get $tile) (local.get $s11))
    (v128.store offset=64 (local.get $tile) (local.get $s20)) (v128.store offset=80 (local.get $tile) (local.get $s21))
    (v128.store offset=96 (local.get $tile) (local.get $s30)) (v128.store offset=112 (local.get $tile) (local.get $s31)))

  ;; Of a tile [4, 8] the rows and columns that are there, into an output whose rows have `width` bytes.
  (func $write (param $tile i32) (param $out i32) (param $rows i32) (param $columns i32) (param $width i32)
    (local $row i32) (local $column i32)
    (loop $nextRow
      (if (i32.ge_s (local.get $columns) (i32.const 8))
        (then
          (v128.store (local.get $out) (v128.load (local.get $tile)))
          (v128.store offset=16 (local.get $out) (v128.load offset=16 (local.get $tile))))
        (else
          (local.set $column (i32.const 0))
          (loop $nextColumn
            (f32.store (i32.add (local.get $out) (i32.shl (local.get $column) (i32.const 2)))
              (f32.load (i32.add (local.get $tile) (i32.shl (local.get $column) (i32.const 2)))))
            (br_if $nextColumn
              (i32.lt_s (local.tee $column (i32.add (local.get $column) (i32.const 1))) (local.get $columns))))))
      (local.set $tile (i32.add (local.get $tile) (i32.const 32)))
      (local.set $out (i32.add (local.get $out) (local.get $width)))
      (br_if $nextRow
        (i32.and (i32.lt_s (local.tee $row (i32.add (local.get $row) (i32.const 1))) (i32.const 4))
          (i32.lt_s (local.get $row) (local.get $rows)))))))
