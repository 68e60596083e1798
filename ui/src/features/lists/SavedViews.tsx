/** Opens, names and forgets views of the board. */
import { ActionIcon, Button, Menu, TextInput } from "@mantine/core";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/session";
import { useBoardSearch } from "./BoardPage";
import type { ListDetail } from "./types";
import { applied, readViews, type View, viewOf, withView, writeViews } from "./views";

export function SavedViews({ list }: { list: ListDetail }) {
  const { t } = useTranslation("lists");
  const me = useMe();
  const { search, set } = useBoardSearch();
  const [views, setViews] = useState(() => readViews(localStorage, me.id, list.id));
  const [name, setName] = useState("");
  const current = viewOf(search);
  const here = views.find((view) => JSON.stringify(view.search) === JSON.stringify(current));
  function keep(next: View[]) {
    setViews(next);
    writeViews(localStorage, me.id, list.id, next);
  }
  function save(event: FormEvent) {
    event.preventDefault();
    if (name.trim() === "") return;
    keep(withView(views, { name: name.trim(), search: current }));
    setName("");
  }
  return (
    <Menu position="bottom-start" width={260} closeOnItemClick={false}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconBookmark size={14} aria-hidden />}
        >
          {here?.name ?? t("views.title")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item closeMenuOnClick onClick={() => set(applied({}) as never)}>
          {t("views.everything")}
        </Menu.Item>
        {views.map((view) => (
          <Menu.Item
            key={view.name}
            closeMenuOnClick
            onClick={() => set(applied(view.search) as never)}
            rightSection={
              <ActionIcon
                component="span"
                size="sm"
                aria-label={t("views.remove", { name: view.name })}
                onClick={(event) => {
                  event.stopPropagation();
                  keep(views.filter((one) => one.name !== view.name));
                }}
              >
                <IconTrash size={14} aria-hidden />
              </ActionIcon>
            }
          >
            {view.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <form onSubmit={save} style={{ padding: 8 }}>
          <TextInput
            size="xs"
            label={t("views.saveAs")}
            placeholder={t("views.example")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => event.stopPropagation()}
          />
          <Button
            type="submit"
            mt={8}
            size="compact-sm"
            variant="light"
            disabled={name.trim() === ""}
          >
            {t("views.save")}
          </Button>
        </form>
      </Menu.Dropdown>
    </Menu>
  );
}
