//go:build !race

package main

const memoryTimes = 1
