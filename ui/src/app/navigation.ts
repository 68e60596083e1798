import {
  IconActivity,
  IconChartCircles,
  IconDatabase,
  IconListCheck,
  IconMail,
  IconRoute,
  IconSettings,
  IconSunHigh,
  IconTemplate,
  IconUsers,
} from "@tabler/icons-react";

export interface Place {
  id: string;
  to: string;
  icon: typeof IconUsers;
  /** Shown to whoever has any of these; absent: to everybody. */
  permissions?: readonly string[];
  /** The second key after `g`. */
  key: string;
  /** In the bottom bar of a phone. */
  phone?: boolean;
}

/** The left rail, in order. A place whose issue has not come is not there. */
export const places: readonly Place[] = [
  { id: "today", to: "/today", icon: IconSunHigh, key: "t", phone: true },
  {
    id: "customers",
    to: "/customers",
    icon: IconUsers,
    permissions: ["customers.read"],
    key: "c",
    phone: true,
  },
  {
    id: "segments",
    to: "/segments",
    icon: IconChartCircles,
    permissions: ["segments.read"],
    key: "e",
  },
  {
    id: "lists",
    to: "/lists",
    icon: IconListCheck,
    permissions: ["lists.read"],
    key: "l",
    phone: true,
  },
  {
    id: "journeys",
    to: "/journeys",
    icon: IconRoute,
    permissions: ["journeys.read"],
    key: "j",
  },
  {
    id: "messages",
    to: "/messages",
    icon: IconMail,
    permissions: ["messages.read"],
    key: "m",
  },
  {
    id: "definitions",
    to: "/definitions",
    icon: IconTemplate,
    permissions: ["definitions.read"],
    key: "d",
  },
  {
    id: "events",
    to: "/events",
    icon: IconActivity,
    permissions: ["events.read"],
    key: "v",
  },
  { id: "data", to: "/data", icon: IconDatabase, permissions: ["data.read"], key: "a" },
  { id: "settings", to: "/settings/account", icon: IconSettings, key: "s", phone: true },
];

export function placesFor(permissions: readonly string[]): Place[] {
  return places.filter(
    (place) => !place.permissions || place.permissions.some((one) => permissions.includes(one)),
  );
}

/** Everything below 設定, as peers. */
export const settings = [
  { id: "account", to: "/settings/account" },
  { id: "users", to: "/settings/users", permission: "users.read" },
  { id: "roles", to: "/settings/roles", permission: "users.read" },
  { id: "gate", to: "/settings/gate", permission: "policies.read" },
  { id: "channels", to: "/settings/channels", permission: "channels.read" },
  { id: "privacy", to: "/settings/privacy", permission: "privacy.read" },
  { id: "audit", to: "/settings/audit", permission: "audit.read" },
] as const;
