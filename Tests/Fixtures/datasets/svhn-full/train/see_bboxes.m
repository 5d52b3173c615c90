% shows the boxes
