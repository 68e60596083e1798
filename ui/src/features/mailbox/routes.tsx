import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { flag, oneOf, text, whole } from "@/app/search";
import { CHANNELS, type Channel } from "@/features/messages/model/body";

export const VIEWS = ["phone", "text", "source"] as const;

export interface MailboxSearch {
  channel?: Channel;
  /** Only what went to this person. */
  person?: string;
  /** The message that is open. */
  item?: number;
  /** How it is looked at; absent: on a wide screen. */
  view?: (typeof VIEWS)[number];
  dark?: true;
}

const mailbox = createRoute({
  getParentRoute: () => frameRoute,
  path: "/messages/mailbox",
  validateSearch: (raw: Record<string, unknown>): MailboxSearch => ({
    channel: oneOf(raw.channel, CHANNELS),
    person: text(raw.person),
    item: whole(raw.item),
    view: oneOf(raw.view, VIEWS),
    dark: flag(raw.dark),
  }),
  component: lazyRouteComponent(() => import("./MailboxPage"), "MailboxPage"),
});

export const routes = [mailbox] as const;
