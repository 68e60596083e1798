import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";

type TextProps = AnchorProps & Omit<ComponentPropsWithRef<"a">, keyof AnchorProps>;
type ButtonLinkProps = ButtonProps & Omit<ComponentPropsWithRef<"a">, keyof ButtonProps>;

/** A link in running text, to a route with its own parameters. */
export const TextLink = createLink((props: TextProps) => <Anchor inherit {...props} />);

/** A button that goes somewhere. */
export const ButtonLink = createLink((props: ButtonLinkProps) => (
  <Button component="a" {...props} />
));
