package dev.coterie.node;

import dev.coterie.node.settings.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Settings as flags of a command. Their values stay text here: they are read with those from elsewhere. */
final class Flags {

    private Flags() {}

    /** Adds a flag for each setting. */
    static void add(CommandSpec command, List<Setting<?>> settings) {
        settings.forEach(setting -> command.addOption(option(setting)));
    }

    private static OptionSpec option(Setting<?> setting) {
        OptionSpec.Builder option = OptionSpec.builder(setting.flag());
        if (setting.isSwitch()) {
            // Text with no value would take the argument that follows for one.
            return option.arity("0")
                    .type(boolean.class)
                    .description(sentence(setting.help()) + ".")
                    .build();
        }
        return option.type(String.class)
                .arity("1")
                .paramLabel(setting.label())
                .description(sentence(setting.help()) + ". Default: " + setting.shownFallback() + ".")
                .build();
    }

    private static String sentence(String help) {
        return Character.toUpperCase(help.charAt(0)) + help.substring(1);
    }

    /** What the command line says, by setting name. */
    static Map<String, String> given(ParseResult parsed, List<Setting<?>> settings) {
        Map<String, String> given = new LinkedHashMap<>();
        for (Setting<?> setting : settings) {
            if (parsed.hasMatchedOption(setting.flag())) {
                given.put(setting.name(), String.valueOf(parsed.<Object>matchedOptionValue(setting.flag(), "")));
            }
        }
        return given;
    }
}
