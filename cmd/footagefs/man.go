package main

import "github.com/spf13/cobra"

func manCmd(p *program) *cobra.Command { return &cobra.Command{Use: "man", Hidden: true} }
