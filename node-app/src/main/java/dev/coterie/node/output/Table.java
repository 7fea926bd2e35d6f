package dev.coterie.node.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rows under headings, made to fit the width there is: the widest columns give way first. */
public final class Table {

    private static final String GAP = "  ";
    private static final int LEAST = 4;

    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    /** Without rows yet. */
    public Table(String... headings) {
        this.headings = List.of(headings);
    }

    /** Adds a row: a cell for each heading. */
    public Table row(Object... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + headings.size() + " headings");
        }
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(printable(String.valueOf(cell)));
        }
        rows.add(row);
        return this;
    }

    /** What would move the cursor, colour the terminal or begin another line is shown as a dot. */
    public static String printable(String text) {
        return text.codePoints()
                .map(one -> Character.isISOControl(one) || Character.getType(one) == Character.FORMAT ? '·' : one)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** How many columns the terminal has; 0 if the output is none, and may be as wide as it likes. */
    public static int width(Map<String, String> environment) {
        String set = environment.getOrDefault("COLUMNS", "");
        String known = set.matches("[1-9][0-9]{0,4}") ? set : System.getProperty("coterie.columns", "");
        return known.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(known) : 0;
    }

    /**
     * The lines, headings first.
     *
     * @param width how many columns there are; 0 for as many as it takes
     */
    public List<String> lines(int width) {
        int[] widths = widths(width);
        List<String> lines = new ArrayList<>();
        lines.add(line(headings, widths));
        rows.forEach(row -> lines.add(line(row, widths)));
        return lines;
    }

    private int[] widths(int width) {
        int[] widths = new int[headings.size()];
        int total = GAP.length() * (headings.size() - 1);
        for (int column = 0; column < widths.length; column++) {
            int own = column;
            widths[column] =
                    rows.stream().mapToInt(row -> length(row.get(own))).reduce(length(headings.get(column)), Math::max);
            total += widths[column];
        }
        for (int over = width == 0 ? 0 : total - width; over > 0; over--) {
            int widest = widest(widths);
            if (widths[widest] <= LEAST) {
                break;
            }
            widths[widest]--;
        }
        return widths;
    }

    private static int widest(int[] widths) {
        int widest = 0;
        for (int column = 1; column < widths.length; column++) {
            widest = widths[column] >= widths[widest] ? column : widest;
        }
        return widest;
    }

    private static String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = fit(cells.get(column), widths[column]);
            line.append(cell);
            if (column < widths.length - 1) {
                line.append(" ".repeat(widths[column] - length(cell))).append(GAP);
            }
        }
        return line.toString().stripTrailing();
    }

    /** Text in so many columns at most; where something was cut off, the last of them says so. */
    public static String fit(String text, int width) {
        return length(text) <= width
                ? text
                : text.substring(0, text.offsetByCodePoints(0, Math.max(0, width - 1))) + "…";
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
