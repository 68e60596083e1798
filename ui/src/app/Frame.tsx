import {
  ActionIcon,
  Avatar,
  Kbd,
  Menu,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import { spotlight } from "@mantine/spotlight";
import {
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSearch,
  IconSun,
  IconUserCircle,
} from "@tabler/icons-react";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { AsOf } from "@/design/AsOf";
import { Seal } from "@/design/Seal";
import { useFormat } from "@/design/useFormat";
import { Expired } from "./Expired";
import styles from "./Frame.module.css";
import { changeLocale } from "./i18n";
import { placesFor } from "./navigation";
import { Search } from "./Search";
import { Shortcuts } from "./Shortcuts";
import { useSession } from "./session";
import { useSignOut } from "./signOut";

/** The rail, the top bar and the page between them. */
export function Frame() {
  const { t } = useTranslation("app");
  const session = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [help, setHelp] = useState(false);
  useEffect(() => {
    document.getElementById("main")?.scrollTo(0, 0);
  }, []);
  if (!session) return null;
  const shown = placesFor(session.user.permissions);
  const here = (to: string) =>
    path === to ||
    path.startsWith(`${to}/`) ||
    (to.startsWith("/settings") && path.startsWith("/settings"));
  return (
    <div className={styles.frame} data-frame>
      <a className={styles.skip} href="#main">
        {t("skip")}
      </a>
      <nav className={styles.rail} aria-label={t("rail")}>
        <Link to="/" className={styles.brand} title={t("brand")}>
          <Seal size={28} />
          <span className={styles.brandName}>Enishi</span>
        </Link>
        <ul className={styles.places}>
          {shown.map((place) => (
            <li key={place.id} data-phone={place.phone || undefined}>
              <Link
                to={place.to}
                className={styles.place}
                data-here={here(place.to) || undefined}
                aria-current={here(place.to) ? "page" : undefined}
              >
                <place.icon size={18} stroke={1.6} aria-hidden="true" />
                <span>{t(`place.${place.id}`)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <TopBar onHelp={() => setHelp(true)} />
      <main id="main" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Search places={shown} onHelp={() => setHelp(true)} />
      <Shortcuts places={shown} open={help} onChange={setHelp} />
      <Expired />
    </div>
  );
}

function TopBar({ onHelp }: { onHelp: () => void }) {
  const { t } = useTranslation("app");
  const session = useSession();
  const format = useFormat();
  const navigate = useNavigate();
  const asOf = useRouterState({
    select: (state) => (state.location.search as { as_of?: string }).as_of,
  });
  if (!session) return null;
  return (
    <header className={styles.top}>
      <Link to="/" className={styles.phoneBrand} aria-label={t("brand")}>
        <Seal size={26} />
      </Link>
      <span className={styles.workspace}>{session.workspace.name}</span>
      <span className={styles.today}>{format.date(session.workspace.today)}</span>
      {asOf && (
        <AsOf
          at={asOf}
          onClear={() =>
            void navigate({
              to: ".",
              search: ((old: Record<string, unknown>) => ({ ...old, as_of: undefined })) as never,
            })
          }
        />
      )}
      <UnstyledButton className={styles.search} onClick={spotlight.open}>
        <IconSearch size={15} aria-hidden="true" />
        <span className={styles.searchWords}>{t("search.short")}</span>
        <Kbd size="xs" className={styles.searchKey} aria-hidden="true">
          ⌘K
        </Kbd>
      </UnstyledButton>
      <PersonMenu onHelp={onHelp} />
    </header>
  );
}

function PersonMenu({ onHelp }: { onHelp: () => void }) {
  const { t, i18n } = useTranslation("app");
  const session = useSession();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isDark =
    colorScheme === "dark" ||
    (colorScheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  if (!session) return null;
  const { user } = session;
  const other = i18n.language === "en" ? "ja" : "en";
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon
          size={32}
          radius={32}
          aria-label={t("person.menu", { name: user.name })}
          className={styles.person}
        >
          <Avatar size={28} radius={28} color="ai">
            {user.name.slice(0, 1)}
          </Avatar>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={styles.who}>
          <div>{user.name}</div>
          <div className="muted">{t(`role.${user.role}`)}</div>
        </div>
        <Menu.Divider />
        <Menu.Item
          component={Link}
          to="/settings/account"
          leftSection={<IconUserCircle size={16} />}
        >
          {t("person.account")}
        </Menu.Item>
        <Menu.Item
          leftSection={isDark ? <IconSun size={16} /> : <IconMoon size={16} />}
          onClick={() => setColorScheme(isDark ? "light" : "dark")}
        >
          {isDark ? t("person.light") : t("person.dark")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLanguage size={16} />}
          lang={other}
          onClick={() => void changeLocale(other)}
        >
          {t("person.otherLanguage")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconKeyboard size={16} />}
          onClick={onHelp}
          rightSection={<Kbd size="xs">?</Kbd>}
        >
          {t("person.keys")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t("person.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
