// The least program; with an argument it waits for the end of its input.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	said := make(chan struct{})
	go func() {
		fmt.Println("hello")
		close(said)
	}()
	<-said
	if len(os.Args) > 1 {
		io.Copy(io.Discard, os.Stdin)
	}
}
