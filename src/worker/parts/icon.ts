/** Of the pages, which load nothing: a browser that finds none asks for one. */
export const ICON: string =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E" +
  "%3Crect width='16' height='16' rx='4' fill='%234f46e5'/%3E" +
  "%3Cpath d='M3.5 4.5 8 12l4.5-7.5' fill='none' stroke='white' stroke-width='2'/%3E%3C/svg%3E";
