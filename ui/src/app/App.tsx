import "dayjs/locale/ja";
import { MantineProvider } from "@mantine/core";
import { DatesProvider } from "@mantine/dates";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { I18nextProvider, useTranslation } from "react-i18next";
import { theme, variables } from "@/design/theme";
import { i18next } from "./i18n";
import { queries, router } from "./router";

function Inside() {
  const { i18n } = useTranslation();
  return (
    <DatesProvider settings={{ locale: i18n.language, firstDayOfWeek: 1 }}>
      <Notifications position="bottom-left" limit={3} />
      <RouterProvider router={router} />
    </DatesProvider>
  );
}

export function App() {
  return (
    <StrictMode>
      <I18nextProvider i18n={i18next}>
        <QueryClientProvider client={queries}>
          <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
            <Inside />
          </MantineProvider>
        </QueryClientProvider>
      </I18nextProvider>
    </StrictMode>
  );
}
