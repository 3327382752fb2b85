package formats

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"versme/hub"
)

// MaxLine is the longest line of a JSON Lines file, in bytes; a longer one is rejected and reading goes on behind it.
const MaxLine = 64 << 20

// JSONLines reads one record or concept a line. Blank lines are passed over.
type JSONLines struct {
	r    *bufio.Reader
	line int
}

// NewJSONLines reads JSON Lines, compressed by gzip or not.
func NewJSONLines(r io.Reader) (*JSONLines, error) {
	plain, err := unzipped(r)
	if err != nil {
		return nil, err
	}
	return &JSONLines{r: bufio.NewReaderSize(plain, 1<<20)}, nil
}

// unzipped tells gzip by its first two bytes.
func unzipped(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	magic, err := b.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		return z, damaged(err)
	}
	return b, nil
}

// damaged makes an error of gzip wrong input, which it is; others are the machine's.
func damaged(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt) {
		return fmt.Errorf("%w: the gzip data is damaged or cut off (%w)", hub.ErrInvalid, err)
	}
	return err
}

// Next returns the next line; io.EOF at the end.
func (j *JSONLines) Next() (hub.Row, error) {
	for {
		line, size, err := j.read()
		if err != nil {
			return hub.Row{}, err
		}
		row := hub.Row{Place: fmt.Sprintf("line %d", j.line), Bytes: size}
		if j.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		switch {
		case size > MaxLine:
			row.Err = &hub.Problem{Problem: fmt.Sprintf("the line has %d bytes, more than %d", size, MaxLine), Hint: "split the record"}
		case len(bytes.TrimSpace(line)) == 0:
			continue
		default:
			row.Item, row.Err = hub.DecodeItem(line)
		}
		return row, nil
	}
}

// read returns the next line and its size; of a line over MaxLine only the size.
func (j *JSONLines) read() (line []byte, size int, err error) {
	for {
		part, err := j.r.ReadSlice('\n')
		if size += len(part); size <= MaxLine {
			line = append(line, part...)
		} else {
			line = nil
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !(errors.Is(err, io.EOF) && size > 0):
			if !errors.Is(err, io.EOF) {
				err = fmt.Errorf("after line %d: %w", j.line, damaged(err))
			}
			return nil, 0, err
		}
		j.line++
		return line, size, nil
	}
}

// WriteJSONLine writes one record or concept.
func WriteJSONLine(w io.Writer, it hub.Item) error {
	b, err := hub.EncodeItem(it)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
