package dev.coterie.node.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TableTest {

    private final Table table = new Table("NAME", "ID")
            .row("a", "0123456789012345678901234567890123456789")
            .row("river", "x");

    @AfterEach
    void forget() {
        System.clearProperty("coterie.columns");
    }

    @Test
    void without_a_terminal_it_takes_the_room_it_needs() {
        assertThat(table.lines(0))
                .containsExactly("NAME   ID", "a      0123456789012345678901234567890123456789", "river  x");
    }

    @Test
    void on_a_terminal_the_widest_columns_give_way_and_show_it() {
        assertThat(table.lines(20)).containsExactly("NAME   ID", "a      012345678901…", "river  x");
        assertThat(table.lines(20)).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(20));
    }

    @Test
    void a_column_is_never_narrower_than_can_be_read() {
        assertThat(table.lines(3)).contains("a     012…");
    }

    @Test
    void what_would_play_with_the_terminal_is_shown_as_dots() {
        assertThat(new Table("X").row("\u001b[31mred\nline").lines(0)).containsExactly("X", "·[31mred·line");
    }

    @Test
    void a_row_has_a_cell_for_each_heading() {
        assertThatThrownBy(() -> table.row("one")).hasMessage("1 cells for 2 headings");
    }

    @Test
    void characters_of_two_halves_are_not_cut_apart() {
        assertThat(Table.fit("\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00", 2)).isEqualTo("\uD83D\uDE00…");
    }

    @Test
    void the_width_is_what_the_user_or_the_launcher_says() {
        assertThat(Table.width(Map.of())).isZero();
        System.setProperty("coterie.columns", "120");
        assertThat(Table.width(Map.of())).isEqualTo(120);
        assertThat(Table.width(Map.of("COLUMNS", "80"))).isEqualTo(80);
        assertThat(Table.width(Map.of("COLUMNS", "many"))).isEqualTo(120);
    }
}
