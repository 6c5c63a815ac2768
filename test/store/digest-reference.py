"""Digests of a detbal database, written from the description in harness/store/digest.ts alone.

Made the fixed digits of digest.test.ts. Usage: python3 digest-reference.py DATABASE
"""
import sqlite3
import struct
import sys
from hashlib import sha256

db = sqlite3.connect(sys.argv[1])


def uint32(value):
    return struct.pack('<I', value)


def cell_digest(cell):
    data = b'detbal/cell/1\n'
    rows = db.execute(
        """SELECT CAST(s.text AS BLOB), a.draw, a.step, a.outcome, CAST(t.text AS BLOB), c.tokens,
             CAST(c.text AS BLOB)
           FROM attempts a JOIN states s ON s.id = a.source_id
           LEFT JOIN states t ON t.id = a.target_id
           JOIN completions c ON c.id = a.completion_id WHERE a.cell_id = ?""",
        (cell,),
    ).fetchall()
    source = None
    for row in sorted(rows, key=lambda row: (row[0], row[1])):
        if row[0] != source:
            source = row[0]
            data += b'\1' + uint32(len(source)) + source
        _, draw, step, outcome, target, tokens, text = row
        data += b'\2' + uint32(draw) + uint32(0xFFFFFFFF if step is None else step)
        data += bytes([outcome])
        data += bytes(32) if target is None else sha256(target).digest()
        completion = uint32(len(tokens) // 4) + tokens + uint32(len(text)) + text
        data += sha256(completion).digest()
    return sha256(data)


for run, name in db.execute('SELECT id, name FROM runs ORDER BY id').fetchall():
    data = b'detbal/run/1\n'
    cells = db.execute('SELECT CAST(key AS BLOB), id FROM cells WHERE run_id = ?', (run,))
    for key, cell in sorted(cells.fetchall()):
        digest = cell_digest(cell)
        print('cell', cell, key.decode(), digest.hexdigest())
        data += uint32(len(key)) + key + digest.digest()
    print('run', run, name, sha256(data).hexdigest())
