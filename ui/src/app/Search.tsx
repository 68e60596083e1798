import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight } from "@mantine/spotlight";
import {
  IconChartCircles,
  IconFileText,
  IconKeyboard,
  IconListCheck,
  IconUser,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import type { Paged } from "@/client/pages";
import { type Place, settings } from "./navigation";
import { useMay } from "./session";

interface Found {
  id: string;
  key: string;
  display: string | null;
  fields: { meaning: string | null; value: unknown }[];
}

function kanaOf(person: Found): string {
  const found = person.fields.find((field) => field.meaning === "person_kana")?.value;
  return typeof found === "string" ? found : "";
}

interface ListFound {
  id: string;
  name: string;
}

interface SegmentFound {
  slug: string;
  name: string;
}

interface SearchProps {
  places: readonly Place[];
  onHelp: () => void;
}

/** ⌘K: people, segments, lists, pages and actions in one field. */
export function Search({ places, onHelp }: SearchProps) {
  const { t } = useTranslation("app");
  const navigate = useNavigate();
  const may = useMay();
  const [query, setQuery] = useState("");
  const [asked] = useDebouncedValue(query.trim(), 150);
  const people = useQuery({
    queryKey: ["search", "people", asked],
    queryFn: ({ signal }) =>
      call<Paged<Found>>("GET", "/api/customers", { query: { q: asked, limit: 6 }, signal }),
    enabled: asked.length > 0 && may("customers.read"),
  });
  const lists = useQuery({
    queryKey: ["search", "lists"],
    queryFn: ({ signal }) =>
      call<Paged<ListFound>>("GET", "/api/lists", { query: { limit: 200 }, signal }),
    enabled: asked.length > 0 && may("lists.read"),
    staleTime: 60_000,
  });
  const segments = useQuery({
    queryKey: ["search", "segments", asked],
    queryFn: ({ signal }) =>
      call<Paged<SegmentFound>>("GET", "/api/segments", { query: { q: asked, limit: 5 }, signal }),
    enabled: asked.length > 0 && may("segments.read"),
  });
  const matches = (text: string) => text.toLowerCase().includes(query.trim().toLowerCase());
  const go = (to: string) => () => void navigate({ to });
  const pages = [
    ...places.map((place) => ({
      id: place.id,
      to: place.to,
      label: t(`place.${place.id}`),
      icon: place.icon,
    })),
    ...settings
      .filter((one) => !("permission" in one) || may(one.permission))
      .map((one) => ({
        id: `set-${one.id}`,
        to: one.to as string,
        label: t(`settings.${one.id}`),
        icon: IconFileText,
      })),
  ].filter((page) => query.trim() === "" || matches(page.label));
  const foundLists = (lists.data?.items ?? []).filter((list) => matches(list.name)).slice(0, 5);
  const foundPeople = asked ? (people.data?.items ?? []) : [];
  const foundSegments = asked ? (segments.data?.items ?? []) : [];
  const nothing =
    pages.length + foundLists.length + foundPeople.length + foundSegments.length === 0;
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={["mod + K", "/"]}
      scrollable
      maxHeight={420}
      radius="md"
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
    >
      <Spotlight.Search placeholder={t("search.placeholder")} aria-label={t("search.open")} />
      <Spotlight.ActionsList>
        {foundPeople.length > 0 && (
          <Spotlight.ActionsGroup label={t("search.people")}>
            {foundPeople.map((person) => (
              <Spotlight.Action
                key={person.id}
                label={person.display ?? person.key}
                description={[kanaOf(person), person.key].filter(Boolean).join("  ")}
                leftSection={<IconUser size={16} />}
                onClick={go(`/customers/${person.id}`)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {foundSegments.length > 0 && (
          <Spotlight.ActionsGroup label={t("search.segments")}>
            {foundSegments.map((segment) => (
              <Spotlight.Action
                key={segment.slug}
                label={segment.name}
                leftSection={<IconChartCircles size={16} />}
                onClick={go(`/segments/${segment.slug}`)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {asked && foundLists.length > 0 && (
          <Spotlight.ActionsGroup label={t("search.lists")}>
            {foundLists.map((list) => (
              <Spotlight.Action
                key={list.id}
                label={list.name}
                leftSection={<IconListCheck size={16} />}
                onClick={go(`/lists/${list.id}`)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {pages.length > 0 && (
          <Spotlight.ActionsGroup label={t("search.pages")}>
            {pages.map((page) => (
              <Spotlight.Action
                key={page.id}
                label={page.label}
                leftSection={<page.icon size={16} stroke={1.6} />}
                onClick={go(page.to)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {(query.trim() === "" || matches(t("person.keys"))) && (
          <Spotlight.ActionsGroup label={t("search.actions")}>
            <Spotlight.Action
              label={t("person.keys")}
              leftSection={<IconKeyboard size={16} />}
              onClick={onHelp}
            />
          </Spotlight.ActionsGroup>
        )}
        {nothing && !people.isFetching && !segments.isFetching && (
          <Spotlight.Empty>{t("search.none")}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
