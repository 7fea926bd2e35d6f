package dev.coterie.cluster.lan;

/**
 * Which of one sender's packets were here: the highest number, and which of those shortly below it. A number below the
 * window counts as known, so that what is remembered stays small.
 */
final class ReplayWindow {

    /** How far packets may overtake one another. */
    static final int SIZE = 1024;

    private final long[] seen = new long[SIZE / Long.SIZE];
    private long highest = -1;

    /** Notes a number, and says whether it is new. */
    boolean accept(long number) {
        if (number < 0 || number <= highest - SIZE) {
            return false;
        }
        if (number > highest) {
            forget(number);
            highest = number;
        }
        int word = (int) (number % SIZE) / Long.SIZE;
        long bit = 1L << number;
        boolean fresh = (seen[word] & bit) == 0;
        seen[word] |= bit;
        return fresh;
    }

    /** Clears the places that the numbers up to this one take over. */
    private void forget(long number) {
        long first = Math.max(highest + 1, number - SIZE + 1);
        for (long each = first; each <= number; each++) {
            seen[(int) (each % SIZE) / Long.SIZE] &= ~(1L << each);
        }
    }
}
