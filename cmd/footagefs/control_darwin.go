package main

const rootRuntimeFolder = "/var/run/footagefs"
