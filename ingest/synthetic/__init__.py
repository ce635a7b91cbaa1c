"""The demo city: invented files of every feed, with the truth that tests compare against."""
