"""Widgets: comms, state, links and outputs that are captured."""

# %%
import ipywidgets as widgets
from IPython.display import display

slider = widgets.IntSlider(3, description="n")
print(widgets.__version__, slider.value, slider.comm is not None, slider.model_id != "")
slider

# %%
heard = []
slider.observe(lambda change: heard.append(change["new"]), "value")
slider.value = 7
text = widgets.IntText()
widgets.jslink((slider, "value"), (text, "value"))
widgets.link((slider, "value"), (text, "value"))
print(heard, text.value)

# %%
from IPython.utils.capture import capture_output

# No Output widgets: clients answer them with messages of their own, and nbclient at times waits for
# a plain kernel forever.
with capture_output() as captured:
    print("captured")
    display(slider)
captured.stdout, len(captured.outputs)

# %%
print(sorted(slider.get_state())[:6])
widgets.VBox([slider, widgets.HTML("<b>bold</b>")])

# %%
import threading

done = threading.Event()


def work():
    slider.value = 9
    done.set()


threading.Thread(target=work).start()
print(done.wait(10), text.value)

# %% raises TraitError
widgets.IntSlider(value="x")
