package main

import "github.com/spf13/cobra"

func sealCmd(p *program) *cobra.Command        { return &cobra.Command{Use: "seal", Hidden: true} }
func (p *program) record(ctx any, w any) error { return nil }
