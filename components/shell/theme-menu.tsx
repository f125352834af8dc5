'use client'

import { useState } from 'react'
import { Monitor, Moon, Sun } from 'lucide-react'
import { MenuChoices } from '#components/ui/menu.tsx'
import { chooseTheme, currentTheme, themes, type Theme } from './theme.ts'

const options = [
  { value: 'system', label: 'Like the system', icon: <Monitor aria-hidden className="size-4 text-ink-faint" /> },
  { value: 'light', label: 'Light', icon: <Sun aria-hidden className="size-4 text-ink-faint" /> },
  { value: 'dark', label: 'Dark', icon: <Moon aria-hidden className="size-4 text-ink-faint" /> },
]

/** The choices of the theme; they are rendered only when their menu opens, so in the browser. */
export function ThemeChoices() {
  const [theme, setTheme] = useState<Theme>(currentTheme)
  const change = (value: string) => {
    const next = themes.find((one) => one === value) ?? 'system'
    chooseTheme(next)
    setTheme(next)
  }
  return <MenuChoices label="Theme" value={theme} options={options} onChange={change} />
}
