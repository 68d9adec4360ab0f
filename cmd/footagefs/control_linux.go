package main

const rootRuntimeFolder = "/run/footagefs"
